## JKn weights raked, then trimmed: once, strictly, and in turns with raking; every replicate by the limits of the full sample.
source("../_common.R"); source("../_synth.R")
if (PRIMARY) { pop <- make_pop(20260205, counties = 3, villages = 10, persons = 45); set.seed(341); s <- two_stage(pop, 4, 10); s$w <- round(s$w * sample(c(.3, 1, 1, 1, 2.6), nrow(s), TRUE), 6)
  put_csv(margin_table(pop, list("sex","zone","age")), "margins.csv"); put_csv(s[, c("pid","county","zone","stratum","village","w","age","sex","q1","wait","visits","resolved")], "data.csv") }
d <- get_csv("data.csv", "pid"); m <- get_csv("margins.csv")
des0 <- svydesign(id = ~village, strata = ~stratum, weights = ~w, data = d); jk0 <- as.svrepdesign(des0, type = "JKn")
rk <- cal_margins(des0, m, "raking", epsilon = 1e-13, maxit = 300); jk <- cal_margins(jk0, m, "raking", epsilon = 1e-13, maxit = 300)
once <- function(w, lo, hi) { p <- w > 0; out <- p & (w < lo | w > hi); if (!any(out)) return(w); v <- ifelse(p, pmin(pmax(w, lo), hi), 0); v[p & !out] <- v[p & !out] + sum(w - v) / sum(p & !out); v }
strictly <- function(w, lo, hi) { p <- w > 0; clip <- rep(FALSE, length(w)); repeat { out <- p & (w < lo * (1 - 1e-15) | w > hi * (1 + 1e-15)); if (!any(out)) return(w); clip <- clip | out; v <- ifelse(p, pmin(pmax(w, lo), hi), 0); v[p & !clip] <- v[p & !clip] + sum(w - v) / sum(p & !clip); w <- v } }
rakew <- function(w) { d$wc <- w; k <- w > 0; r <- w; r[k] <- weights(cal_margins(svydesign(id = ~1, weights = ~wc, data = d[k, ]), m, "raking", epsilon = 1e-13, maxit = 500)); r }
turns <- function(w, lo, hi) { repeat { p <- w > 0; w <- rakew(ifelse(p, pmin(pmax(w, lo), hi), 0)); if (all(w[p] >= lo * (1 - 1e-9) & w[p] <= hi * (1 + 1e-9))) return(w) } }
wf <- weights(rk); mu <- mean(wf); lo <- .4 * mu; hi <- 2.2 * mu; rw <- weights(jk, "analysis")
rep_of <- function(f) { new <- keep_df(jk, jk0); new$pweights <- f(wf, lo, hi); new$prob <- 1 / new$pweights; new$repweights <- apply(rw, 2, f, lo, hi); new$combined.weights <- TRUE; new }
tay_of <- function(f) { new <- rk; new$prob <- 1 / f(wf, lo, hi); new }
b0 <- des0; w0 <- weights(des0); b0$prob <- 1 / once(w0, .5 * mean(w0), 2 * mean(w0)); b1 <- cal_margins(b0, m, "raking", epsilon = 1e-13, maxit = 300)   # trimmed first, raked after
S <- list(list(id = "means", estimand = "mean", y = levs(c("q1","wait")), deff = TRUE), list(id = "totals", estimand = "total", y = levs("visits")), list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits"),
  list(id = "top2_by", estimand = "proportion", y = "q1", values = list(c(4,5)), by = levs("zone")), list(id = "diff", estimand = "difference", y = "q1", pairs = list(list(a = list(sex = "F"), b = list(sex = "M")))))
Q <- list(list(id = "quant", estimand = "quantile", y = levs("wait"), p = levs(c(.25,.5)), qrule = levs("math"), interval = levs("mean")))
tag <- function(t, L) lapply(L, function(s) { s$id <- paste0(t, "_", s$id); s$variant <- t; s })
jt <- function(t, L) lapply(L, function(s) { s$id <- paste0("jkn_", t, "_", s$id); s$variant <- t; s$replicate <- "JKn from the design: drop one village, scale the others of its stratum by n/(n-1); every replicate raked and trimmed with the limits of the full sample; mse false"; s })
rs <- list(op = "rake", margins = levs(c("age","sex","zone")), totals = "margins.csv"); tr <- function(op, ...) list(op = op, lower = .4, upper = 2.2, reference = "mean", ...)
V <- list(once = list(steps = list(rs, tr("trim", strict = FALSE))), strict = list(steps = list(rs, tr("trim", strict = TRUE))), turns = list(steps = list(rs, tr("trim_rerake", margins = levs(c("age","sex","zone")), totals = "margins.csv"))),
  trim_rake = list(steps = list(list(op = "trim", strict = FALSE, lower = .5, upper = 2, reference = "mean"), rs)))
dj <- list(id = "jackknife_trimmed", title = "Jackknife after raking and trimming", source = "synthetic", data = "data.csv", design = list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = NULL), steps = list(), variants = V,
  estimates = c(tag("once", S), jt("once", c(S, Q)), tag("strict", S), jt("strict", S), jt("turns", S[1:3]), tag("trim_rake", S)), tolerance = 1e-8)
o <- rep_of(once); st <- rep_of(strictly); tu <- rep_of(turns)
loose <- function(L) lapply(L, function(r) { r })
finish(dj, list(weights_once = wsum(once(wf, lo, hi)), weights_strict = wsum(strictly(wf, lo, hi)), weights_trim_rake = wsum(weights(b1)),
  estimates = c(run_all(tay_of(once), tag("once", S)), run_all(o, jt("once", c(S, Q))), run_all(tay_of(strictly), tag("strict", S)), run_all(st, jt("strict", S)), run_all(tu, jt("turns", S[1:3])), run_all(b1, tag("trim_rake", S)))))
