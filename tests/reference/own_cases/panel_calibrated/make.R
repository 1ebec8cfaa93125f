## A panel of villages over three rounds, persons partly the same; each round calibrated by itself; change keeps the covariance.
source("../_common.R"); source("../_synth.R")
if (PRIMARY) { pop <- make_pop(20260202, counties = 3, villages = 14, persons = 40); set.seed(311); vs <- unlist(lapply(unique(pop$stratum), function(k) sample(unique(pop$village[pop$stratum == k]), 4)))
  rs <- list(); who <- list()
  for (r in 1:3) for (v in vs) { p <- pop[pop$village == v, ]; keep <- if (r > 1) intersect(who[[v]], p$pid)[1:4] else integer(); n <- min(8, nrow(p)); ids <- c(keep, sample(setdiff(p$pid, keep), n - length(keep))); who[[v]] <- ids
    x <- p[match(ids, p$pid), ]; for (q in c("q1","q2")) x[[q]] <- pmin(5L, pmax(1L, x[[q]] + sample(c(-1L, 0L, 0L, 1L), n, TRUE, c(.2,.3,.2,.2 + .1 * r)))); x$w <- round(x$M_stratum / 4 * nrow(p) / n, 6); x$round <- paste0("R", r); rs[[length(rs) + 1]] <- x }
  s <- do.call(rbind, rs); s <- s[runif(nrow(s)) < .9, ]; s <- punch(s, "q2", .05); s$age3 <- ifelse(s$age %in% c("18-24","25-34"), "18-34", ifelse(s$age %in% c("35-44","45-54"), "35-54", "55+")); s$rid <- seq_len(nrow(s))
  put_csv(s[, c("rid","round","pid","county","zone","stratum","village","w","age3","sex","q1","q2","wait","visits","resolved")], "data.csv")
  pop$age3 <- ifelse(pop$age %in% c("18-24","25-34"), "18-34", ifelse(pop$age %in% c("35-44","45-54"), "35-54", "55+"))
  pp <- do.call(rbind, lapply(1:3, function(r) { x <- pop; x$round <- paste0("R", r); x$.cnt <- 1 + .02 * (r - 1) * (x$zone == "urban"); x })); put_csv(margin_table(pp, list(c("round","age3"), c("round","sex"), c("round","zone"))), "margins.csv")
  put_csv(data.frame(term = c("one1","one2","one3","visits1","visits2","visits3"), total = c(nrow(pop), nrow(pop), nrow(pop), sum(pop$visits), sum(pop$visits) * 1.05, sum(pop$visits) * 1.1)), "population.csv") }
d <- get_csv("data.csv", c("rid","pid")); m <- get_csv("margins.csv")
for (r in 1:3) { d[[paste0("one", r)]] <- as.numeric(d$round == paste0("R", r)); d[[paste0("visits", r)]] <- d$visits * d[[paste0("one", r)]] }
des0 <- svydesign(id = ~village, strata = ~stratum, weights = ~w, data = d)
rk <- cal_margins(des0, m, "raking", epsilon = 1e-13, maxit = 300)
z <- m[m$margin == "round*sex", ]; lv <- do.call(rbind, strsplit(z$level, "|", fixed = TRUE)); ps <- postStratify(des0, ~round + sex, data.frame(round = lv[, 1], sex = lv[, 2], Freq = z$total))
pv <- get_csv("population.csv"); tt <- setNames(pv$total, pv$term); gr <- calibrate(ps, ~0 + one1 + one2 + one3 + visits1 + visits2 + visits3, tt, calfun = "linear", epsilon = 1e-12)
jk0 <- as.svrepdesign(des0, type = "JKn"); jk <- keep_df(cal_margins(jk0, m, "raking", epsilon = 1e-12, maxit = 300), jk0)
per <- cal_margins(svydesign(id = ~pid, weights = ~w, data = d), m, "raking", epsilon = 1e-13, maxit = 300)
R <- function(i, ...) c(list(round = paste0("R", i)), list(...)); P <- list(list(a = R(2), b = R(1)), list(a = R(3), b = R(2)), list(a = R(3, zone = "urban"), b = R(1, zone = "urban")))
S <- list(list(id = "level", estimand = "mean", y = levs(c("q1","q2")), by = levs("round"), deff = TRUE), list(id = "change", estimand = "difference", y = "q1", pairs = P), list(id = "change_top2", estimand = "difference", y = "q2", values = levs(c(4,5)), pairs = P),
  list(id = "change_total", estimand = "difference_total", y = "resolved", pairs = P), list(id = "curve", estimand = "contrast", y = "q1", terms = list(list(domain = R(3), coef = 1), list(domain = R(2), coef = -2), list(domain = R(1), coef = 1))),
  list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits", by = levs("round")), list(id = "quant", estimand = "quantile", y = levs("wait"), p = levs(c(.5)), by = levs("round"), qrule = levs("math"), interval = levs("mean")),
  list(id = "pci", estimand = "proportion_ci", y = "q1", values = levs(c(4,5)), by = levs("round"), methods = levs(c("logit","asin","beta"))))
tag <- function(t, L) lapply(L, function(s) { s$id <- paste0(t, "_", s$id); s$variant <- t; s })
JK <- lapply(S[1:6], function(s) { s$id <- paste0("jkn_", s$id); s$variant <- "raked"; s$replicate <- "JKn from the design: drop one village, scale the others of its stratum by n/(n-1); every replicate raked; rscales (n-1)/n; mse false"; s })
Pn <- lapply(S[c(1, 2)], function(s) { s$id <- paste0("person_", s$id); s$design <- "person_clusters"; s$variant <- "raked"; s })
mg <- levs(c("round*age3","round*sex","round*zone"))
rs <- list(op = "rake", margins = mg, totals = "margins.csv")
dj <- list(id = "panel_calibrated", title = "A panel calibrated in each of three rounds", source = "synthetic", data = "data.csv",
  design = list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = NULL),
  designs = list(person_clusters = list(method = "taylor", clusters = levs("pid"), strata = NULL, weights = "w", fpc = NULL)),
  derived = setNames(as.list(c(sprintf("round == 'R%d'", 1:3), sprintf("visits * (round == 'R%d')", 1:3))), c(paste0("one", 1:3), paste0("visits", 1:3))),
  variants = list(base = list(steps = list()), raked = list(steps = list(rs)),
    ps_greg = list(steps = list(list(op = "poststratify", by = levs(c("round","sex")), margin = "round*sex", totals = "margins.csv"), list(op = "calibrate", calfun = "linear", bounds = NULL, terms = levs(names(tt)), totals = "population.csv")))),
  estimates = c(tag("base", S[1:2]), tag("raked", S), tag("ps_greg", S), JK, Pn), tolerance = 1e-8)
finish(dj, list(weights_base = wsum(weights(des0)), weights_raked = wsum(weights(rk)), weights_ps_greg = wsum(weights(gr)), estimates = c(run_all(des0, tag("base", S[1:2])), run_all(rk, tag("raked", S)), run_all(gr, tag("ps_greg", S)), run_all(jk, JK), run_all(per, Pn))))
