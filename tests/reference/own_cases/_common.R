## Helper for the reference cases.  Every make.R sources this file.
## Usage of a case script:  Rscript make.R [library-with-survey]   (run inside the case folder)
args <- commandArgs(trailingOnly = TRUE)
LIB <- if (length(args) >= 1 && nzchar(args[1])) args[1] else NULL
OUT <- if (length(args) >= 2) args[2] else "expected.json"
suppressPackageStartupMessages({
  if (is.null(LIB)) library(survey) else library(survey, lib.loc = c(LIB, .libPaths()))
  library(jsonlite)
})
options(survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE,
        stringsAsFactors = FALSE, warn = 1, digits = 15)
PRIMARY <- identical(OUT, "expected.json")      # only the primary run writes data and design

sig <- function(x) {                            # 12 significant digits, NA/NaN -> NA
  if (is.null(x)) return(NA_real_)
  x <- as.numeric(x); x[!is.finite(x)] <- NA_real_
  signif(x, 12)
}
J <- function(x) toJSON(x, auto_unbox = TRUE, digits = NA, na = "null", null = "null", pretty = 2)
put_json <- function(x, file) writeLines(J(x), file)
put_csv <- function(d, file) if (PRIMARY) write.csv(d, file, row.names = FALSE, na = "", quote = FALSE)
get_csv <- function(file, chr = character()) {
  d <- read.csv(file, na.strings = "", stringsAsFactors = FALSE, check.names = FALSE)
  for (v in chr) d[[v]] <- as.character(d[[v]])
  d
}
two <- function(a, b) c(sig(a), sig(b))
arr <- function(x) I(x)

## ---- one row of expected output -------------------------------------------------
mkrow <- function(item = NULL, domain = NULL, est, se, df, level = 0.95, deff = NULL, deff_wr = NULL,
                  n = NULL, sumw = NULL, df_domain = NULL, extra = NULL) {
  a <- 1 - (1 - level) / 2
  tq <- if (is.finite(df) && df > 0) qt(a, df) else if (is.infinite(df)) qnorm(a) else NA
  r <- list(item = item, domain = domain, estimate = sig(est), se = sig(se))
  r$ci_t <- two(est - tq * se, est + tq * se)
  r$ci_z <- two(est - qnorm(a) * se, est + qnorm(a) * se)
  r$df <- sig(df)
  if (!is.null(df_domain)) r$df_domain <- sig(df_domain)
  if (!is.null(deff)) r$deff <- sig(deff)
  if (!is.null(deff_wr)) r$deff_wr <- sig(deff_wr)
  if (!is.null(n)) r$n <- n
  if (!is.null(sumw)) r$sum_w <- sig(sumw)
  c(r, extra)
}
posw <- function(d) weights(d, "sampling") > 0
is_rep <- function(d) inherits(d, "svyrep.design")
safe_degf <- function(d) if (is_rep(d)) NA else degf(d)

domain_list <- function(design, by) {            # every level pattern found in the data, sorted
  if (is.null(by)) return(list(NULL))
  v <- design$variables[, by, drop = FALSE]
  u <- unique(v[stats::complete.cases(v), , drop = FALSE])
  u <- u[do.call(order, unname(as.list(u))), , drop = FALSE]
  lapply(seq_len(nrow(u)), function(i) as.list(u[i, , drop = FALSE]))
}
in_domain <- function(design, dom) {
  v <- design$variables; ok <- rep(TRUE, nrow(v))
  for (k in names(dom)) ok <- ok & !is.na(v[[k]]) & v[[k]] == dom[[k]]
  ok
}
dsub <- function(design, dom) {
  if (is.null(dom)) return(design)
  design[in_domain(design, dom), ]
}
in_values <- function(x, v) ifelse(is.na(x), NA, as.numeric(x %in% v))

## the indicator / numeric column(s) an estimand works on
with_y <- function(design, y, values = NULL) {
  z <- design$variables[[y]]
  design$variables$.y <- if (is.null(values)) as.numeric(z) else in_values(z, values)
  design
}
nsum <- function(d, y) {
  w <- weights(d, "sampling"); ok <- w > 0 & !is.na(d$variables[[y]])
  list(n = sum(ok), sumw = sum(w[ok]))
}

est_simple <- function(design, spec) {           # mean | total | ratio | variance | proportion
  level <- if (is.null(spec$level)) 0.95 else spec$level
  dfd <- degf(design); rows <- list()
  items <- switch(spec$estimand,
    proportion = lapply(spec$values, function(v) list(label = paste(v, collapse = "|"), values = v)),
    ratio = list(list(label = paste0(spec$num, "/", spec$den))),
    lapply(spec$y, function(y) list(label = y, y = y)))
  for (it in items) for (dom in domain_list(design, spec$by)) {
    d <- dsub(design, dom)
    y <- if (!is.null(it$y)) it$y else spec$y
    if (spec$estimand == "ratio") {
      v <- d$variables; ok <- !is.na(v[[spec$num]]) & !is.na(v[[spec$den]])
      w <- weights(d, "sampling"); n <- sum(ok & w > 0); sw <- sum(w[ok])
      st <- svyratio(as.formula(paste0("~", spec$num)), as.formula(paste0("~", spec$den)), d, na.rm = TRUE)
      rows[[length(rows) + 1]] <- mkrow(it$label, dom, coef(st), SE(st), dfd, level, n = n, sumw = sw,
                                        df_domain = if (is.null(dom)) NULL else safe_degf(d))
      next
    }
    d <- with_y(d, y, it$values)
    ns <- nsum(d, ".y")
    if (ns$n == 0) {                             # nobody answered: the estimate is not defined
      rows[[length(rows) + 1]] <- list(item = it$label, domain = dom, estimate = if (spec$estimand == "total") 0 else NA,
        se = if (spec$estimand == "total") 0 else NA, n = 0L, status = "no_data"); next
    }
    fn <- switch(spec$estimand, mean = svymean, proportion = svymean, total = svytotal, variance = svyvar)
    st <- fn(~.y, d, na.rm = TRUE)
    dv <- NULL; dw <- NULL
    if (isTRUE(spec$deff)) {
      dv <- tryCatch(as.numeric(deff(suppressWarnings(fn(~.y, d, na.rm = TRUE, deff = TRUE)))), error = function(e) NA)
      dw <- tryCatch(as.numeric(deff(suppressWarnings(fn(~.y, d, na.rm = TRUE, deff = "replace")))), error = function(e) NA)
    }
    rows[[length(rows) + 1]] <- mkrow(it$label, dom, coef(st)[1], sqrt(diag(as.matrix(vcov(st))))[1], dfd, level, dv, dw,
                                      ns$n, ns$sumw, if (is.null(dom)) NULL else safe_degf(d))
  }
  rows
}

est_propci <- function(design, spec) {           # proportion CIs by method (svyciprop)
  level <- if (is.null(spec$level)) 0.95 else spec$level
  rows <- list()
  for (dom in domain_list(design, spec$by)) {
    d <- with_y(dsub(design, dom), spec$y, spec$values)
    d <- d[!is.na(d$variables$.y), ]
    df <- degf(d)
    st <- svymean(~.y, d)
    r <- list(item = paste(spec$values, collapse = "|"), domain = dom, estimate = sig(coef(st)), se = sig(SE(st)),
              n = sum(posw(d)), df_domain = sig(df), ci = list())
    if (coef(st) <= 1e-12 || coef(st) >= 1 - 1e-12 || SE(st) < 1e-10) { r$status <- "degenerate"; r$ci <- NULL; rows[[length(rows) + 1]] <- r; next }
    for (m in spec$methods) {
      ci <- tryCatch(suppressWarnings(as.numeric(confint(svyciprop(~I(.y == 1), d, method = m, level = level, df = df)))),
                     error = function(e) c(NA, NA))
      r$ci[[m]] <- sig(ci)
    }
    rows[[length(rows) + 1]] <- r
  }
  rows
}

est_quantile <- function(design, spec) {
  level <- if (is.null(spec$level)) 0.95 else spec$level
  rows <- list()
  for (y in spec$y) for (dom in domain_list(design, spec$by)) {
    d <- dsub(design, dom); d <- d[!is.na(d$variables[[y]]), ]
    dfq <- if (is_rep(design)) degf(design) else degf(d)
    for (qr in spec$qrule) for (it in spec$interval) {
      q <- svyquantile(as.formula(paste0("~", y)), d, quantiles = spec$p, alpha = 1 - level, interval.type = it,
                       qrule = qr, ci = TRUE, na.rm = TRUE, df = dfq)
      m <- q[[1]]
      for (i in seq_along(spec$p))
        rows[[length(rows) + 1]] <- list(item = y, domain = dom, p = as.numeric(spec$p[i]), qrule = qr, interval = it,
          estimate = sig(m[i, 1]), ci = two(m[i, 2], m[i, 3]), se = sig(m[i, 4]), df = sig(dfq), n = sum(posw(d)))
    }
  }
  rows
}

est_difference <- function(design, spec) {       # mean (or proportion) of y: domain a minus domain b
  level <- if (is.null(spec$level)) 0.95 else spec$level
  rows <- list()
  for (pr in spec$pairs) {
    d <- with_y(design, spec$y, spec$values)
    ina <- in_domain(d, pr$a); inb <- in_domain(d, pr$b)
    v <- d$variables; ok <- !is.na(v$.y)
    v$.na <- ifelse(ina & ok, v$.y, 0); v$.da <- as.numeric(ina & ok)
    v$.nb <- ifelse(inb & ok, v$.y, 0); v$.db <- as.numeric(inb & ok)
    d$variables <- v
    rr <- if (is_rep(d)) list(return.replicates = TRUE) else list()      # replicate designs: contrast inside each replicate
    f <- if (identical(spec$estimand, "difference_total"))
      svycontrast(do.call(svytotal, c(list(~.na + .nb, d), rr)), quote(.na - .nb)) else {
      tt <- do.call(svytotal, c(list(~.na + .da + .nb + .db, d), rr))
      svycontrast(tt, quote(.na / .da - .nb / .db)) }
    rows[[length(rows) + 1]] <- mkrow(NULL, pr, coef(f), SE(f), degf(design), level, n = sum((ina | inb) & ok & posw(d)))
  }
  rows
}

est_contrast <- function(design, spec) {         # linear combination of domain means
  level <- if (is.null(spec$level)) 0.95 else spec$level
  d <- with_y(design, spec$y, spec$values); v <- d$variables; ok <- !is.na(v$.y)
  nm <- character(); ex <- NULL
  for (i in seq_along(spec$terms)) {
    k <- in_domain(d, spec$terms[[i]]$domain) & ok
    v[[paste0(".u", i)]] <- ifelse(k, v$.y, 0); v[[paste0(".v", i)]] <- as.numeric(k)
    nm <- c(nm, paste0(".u", i), paste0(".v", i))
    ex <- c(ex, sprintf("(%.17g)*.u%d/.v%d", spec$terms[[i]]$coef, i, i))
  }
  d$variables <- v
  tt <- do.call(svytotal, c(list(as.formula(paste0("~", paste(nm, collapse = "+"))), d), if (is_rep(d)) list(return.replicates = TRUE) else list()))
  f <- svycontrast(tt, parse(text = paste(ex, collapse = "+"))[[1]])
  list(mkrow(NULL, NULL, coef(f), SE(f), degf(design), level))
}

est_alpha <- function(design, spec) {
  d <- design; v <- d$variables
  for (k in spec$reverse) v[[k]] <- spec$scale_min + spec$scale_max - v[[k]]
  d$variables <- v
  d <- d[complete.cases(v[, spec$items]), ]                       # listwise deletion
  f <- as.formula(paste0("~", paste(spec$items, collapse = "+")))
  a <- as.numeric(svycralpha(f, d))
  V <- as.matrix(svyvar(f, d)); attributes(V) <- list(dim = c(length(spec$items), length(spec$items)))
  R <- cov2cor(V); k <- ncol(V)
  std <- k * mean(R[lower.tri(R)]) / (1 + (k - 1) * mean(R[lower.tri(R)]))
  fa <- factanal(covmat = V, factors = 1, n.obs = 1e6, rotation = "none", control = list(nstart = 5, opt = list(factr = 1e3, pgtol = 0, maxit = 10000)))
  l <- as.numeric(fa$loadings) ; if (sum(l) < 0) l <- -l
  u <- 1 - l^2; s <- sqrt(diag(V))
  om <- sum(l * s)^2 / (sum(l * s)^2 + sum(u * s^2)); oms <- sum(l)^2 / (sum(l)^2 + sum(u))
  tot <- sum(V); w <- weights(d, "sampling")
  ad <- vapply(seq_len(k), function(j) { W <- V[-j, -j]; m <- k - 1; (m / (m - 1)) * (1 - sum(diag(W)) / sum(W)) }, 0)
  r <- list(item = paste(spec$items, collapse = "+"), n = sum(w > 0), alpha = sig(a), alpha_standardized = sig(std),
            omega_unstandardized = signif(om, 6), omega_standardized = signif(oms, 6),
            loadings_standardized = signif(l, 6),
            item_variances = sig(diag(V)), total_variance = sig(tot), covariance = lapply(seq_len(k), function(i) sig(V[i, ])),
            alpha_if_item_dropped = sig(ad))
  if (is_rep(d)) {
    fn <- function(w, data) { X <- as.matrix(data[, spec$items]); ok <- w > 0; X <- X[ok, , drop = FALSE]; w <- w[ok]
      m <- colSums(X * w) / sum(w); C <- crossprod(sweep(X, 2, m) * sqrt(w)) / sum(w); (k / (k - 1)) * (1 - sum(diag(C)) / sum(C)) }
    rr <- withReplicates(d, fn); r$alpha_replicate_se <- sig(SE(rr)); r$alpha_replicate_estimate <- sig(coef(rr))
  }
  list(r)
}

run_spec <- function(design, spec) {
  switch(spec$estimand,
    mean = , total = , ratio = , variance = , proportion = est_simple(design, spec),
    proportion_ci = est_propci(design, spec), quantile = est_quantile(design, spec),
    difference = , difference_total = est_difference(design, spec), contrast = est_contrast(design, spec),
    alpha = est_alpha(design, spec), stop("unknown estimand ", spec$estimand))
}

wsum <- function(w) list(n = sum(w > 0), sum = sig(sum(w)), min = sig(min(w[w > 0])), max = sig(max(w)),
                         sum_sq = sig(sum(w^2)), kish_deff = sig(sum(w > 0) * sum(w^2) / sum(w)^2),
                         first10 = sig(head(w, 10)))

run_all <- function(design, specs) {
  lapply(specs, function(s) list(id = s$id, rows = run_spec(design, s)))
}
try_msg <- function(expr) {                       # outcome of something R refuses or warns about
  w <- character(); val <- NULL
  e <- tryCatch(withCallingHandlers({ val <- force(expr); NULL },
        warning = function(c) { w <<- c(w, conditionMessage(c)); invokeRestart("muffleWarning") }), error = function(e) conditionMessage(e))
  list(error = if (is.null(e)) NA else e, warnings = arr(w))
}
finish <- function(design_json, expected) {
  expected <- c(list(case = design_json$id, engine = list(R = as.character(getRversion()), survey = as.character(packageVersion("survey")))), expected)
  put_json(expected, OUT)
  if (PRIMARY) put_json(design_json, "design.json")
  invisible()
}
levs <- function(x) I(x)

## ---- margins: long table margin,level,total ; joint levels are written a|b ----------
margin_table <- function(pop, bys) do.call(rbind, lapply(bys, function(b) {
  key <- do.call(paste, c(unname(as.list(pop[, b, drop = FALSE])), sep = "|"))
  t <- tapply(if (is.null(pop$.cnt)) rep(1, nrow(pop)) else pop$.cnt, key, sum)
  data.frame(margin = paste(b, collapse = "*"), level = names(t), total = as.numeric(t)) }))
margin_lists <- function(m) {                     # -> formulas and Freq tables for rake()/calibrate()
  nm <- unique(m$margin); f <- list(); p <- list()
  for (k in nm) {
    b <- strsplit(k, "*", fixed = TRUE)[[1]]; x <- m[m$margin == k, ]
    lv <- do.call(rbind, strsplit(x$level, "|", fixed = TRUE)); d <- as.data.frame(lv); names(d) <- b; d$Freq <- x$total
    f[[length(f) + 1]] <- as.formula(paste("~", paste(b, collapse = "+"))); p[[length(p) + 1]] <- d
  }
  list(formulas = f, tables = p)
}
## full-rank model matrix of the margins, as numeric columns added to the design (no reliance on contrasts naming)
dummy_margins <- function(v, m) {
  nm <- unique(m$margin); X <- list(`(one)` = rep(1, nrow(v))); tot <- c(`(one)` = sum(m$total[m$margin == nm[1]]))
  for (k in nm) {
    b <- strsplit(k, "*", fixed = TRUE)[[1]]; key <- do.call(paste, c(unname(as.list(v[, b, drop = FALSE])), sep = "|")); x <- m[m$margin == k, ]
    for (i in seq_len(nrow(x))[-1]) { X[[paste(k, x$level[i])]] <- as.numeric(key == x$level[i]); tot[paste(k, x$level[i])] <- x$total[i] }
  }
  list(X = do.call(cbind, X), totals = tot)
}
cal_margins <- function(design, m, calfun = "raking", extra = NULL, extra_totals = NULL, ...) {
  dm <- dummy_margins(design$variables, m)
  X <- cbind(dm$X, extra); tot <- c(dm$totals, extra_totals)
  colnames(X) <- paste0("x", seq_len(ncol(X))); names(tot) <- colnames(X)
  if (qr(X[weights(design, "sampling") > 0, , drop = FALSE])$rank < ncol(X)) {          # joint margins overlap: drop aliased columns
    q <- qr(X); keep <- sort(q$pivot[seq_len(q$rank)]); X <- X[, keep, drop = FALSE]; tot <- tot[keep]
  }
  design$variables <- cbind(design$variables, as.data.frame(X))
  f <- as.formula(paste("~0+", paste(colnames(X), collapse = "+")))
  if (is_rep(design)) calibrate(design, f, tot, calfun = calfun, compress = FALSE, ...)   # the default compress=NA stops with an error on uncompressed weights
  else calibrate(design, f, tot, calfun = calfun, ...)
}
margin_error <- function(w, v, m) max(sapply(seq_len(nrow(m)), function(i) {
  b <- strsplit(m$margin[i], "*", fixed = TRUE)[[1]]; key <- do.call(paste, c(unname(as.list(v[, b, drop = FALSE])), sep = "|"))
  abs(sum(w[key == m$level[i]]) - m$total[i]) / m$total[i] }))

## narrowest feasible interval for the ratio g = w/d around `center`: [center*(1-t), center*(1+t)], by linear programming (lpSolve)
edge_lp <- function(d, w, m, center) {
  A <- t(sapply(seq_len(nrow(m)), function(i) { b <- strsplit(m$margin[i], "*", fixed = TRUE)[[1]]
    key <- do.call(paste, c(unname(as.list(d[, b, drop = FALSE])), sep = "|")); (key == m$level[i]) * w }))
  ## identical columns (same margin cell) can share one g, weight summed: keeps the programme small
  key <- apply(A > 0, 2, paste, collapse = ""); u <- unique(key); Ac <- sapply(u, function(k) rowSums(A[, key == k, drop = FALSE])); n <- ncol(Ac)
  obj <- c(rep(0, n), 1)                               # unknowns: g (n, allowed >= 0), t
  con <- rbind(cbind(Ac, 0), cbind(diag(n), -center), cbind(diag(n), center))
  s <- lpSolve::lp("min", obj, con, c(rep("=", nrow(m)), rep("<=", n), rep(">=", n)), c(m$total, rep(center, n), rep(center, n)))
  if (s$status != 0) NA else s$objval
}
## logit calibration by damped Newton on the (convex) dual: same solution as calibrate(calfun = "logit"), but does not overflow near the bounds
logit_dual <- function(w, X, tot, L, U, maxit = 500) {
  A <- (U - L) / ((U - 1) * (1 - L)); lse <- function(u) { z <- A * u + log(1 - L); m <- pmax(z, log(U - 1)); m + log(exp(z - m) + exp(log(U - 1) - m)) }
  P <- function(u) plogis(A * u + log(1 - L) - log(U - 1)); g <- function(u) L + (U - L) * P(u); sc <- w
  obj <- function(l) { u <- drop(X %*% l); sum(sc * (L * u + (U - L) / A * lse(u))) - sum(l * tot) }
  l <- rep(0, ncol(X)); f <- obj(l)
  for (k in seq_len(maxit)) { u <- drop(X %*% l); p <- P(u); gr <- colSums(X * sc * g(u)) - tot; H <- crossprod(X, X * (sc * (U - L) * A * p * (1 - p))); st <- solve(H + diag(1e-14 * max(diag(H)), ncol(H)), gr); s <- 1
    if (max(abs(gr) / (1 + abs(tot))) < 1e-12) break
    repeat { ln <- l - s * st; fn <- obj(ln); if (is.finite(fn) && fn <= f - 1e-4 * s * sum(gr * st) + 1e-12 * abs(f) || s < 1e-10) break; s <- s / 2 }; l <- ln; f <- fn }
  list(g = g(drop(X %*% l)), iterations = k, error = max(abs(colSums(X * w * g(drop(X %*% l))) - tot) / (1 + abs(tot))))
}

keep_df <- function(new, base) { new$degf <- degf(base); new }    # calibration does not change the degrees of freedom (R would recompute the rank)
