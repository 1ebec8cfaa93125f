## Raking, bounded calibration with a variance, post-stratification; equal weights within villages; bounds on the weight.
source("../_common.R"); source("../_synth.R")
if (PRIMARY) { pop <- make_pop(20260204, counties = 4, villages = 12, persons = 45); set.seed(331); s <- two_stage(pop, m = 4, n = 10); s$hh <- sample(c(1, 2, 3), nrow(s), TRUE); s <- s[runif(nrow(s)) < plogis(1.2 - .2 * (match(s$age, AGE) - 3)), ]; s$hid <- paste0(s$village, ".", rep(1:9, length.out = nrow(s)))
  put_csv(margin_table(pop, list("county","sex","age","zone")), "margins.csv"); put_csv(data.frame(term = c("one","visits","income"), total = c(nrow(pop), sum(pop$visits), sum(pop$income))), "population.csv")
  put_csv(s[, c("pid","county","zone","stratum","village","hid","M_stratum","N_village","w","hh","age","sex","q1","q2","wait","visits","resolved","income")], "data.csv") }
d <- get_csv("data.csv", "pid"); m <- get_csv("margins.csv"); pv <- get_csv("population.csv"); d$one <- 1; tt <- setNames(pv$total, pv$term); f <- ~0 + one + visits + income
des0 <- svydesign(id = ~village + pid, strata = ~stratum, weights = ~w, fpc = ~M_stratum + N_village, data = d)
g <- function(k, ...) { x <- m[m$margin %in% k, ]; x <- x[order(match(x$margin, k)), ]; x }
rk <- cal_margins(des0, g(c("county","sex")), "raking", epsilon = 1e-13, maxit = 300)
cb <- calibrate(rk, f, tt, calfun = "linear", variance = d$hh)
lv <- m[m$margin == "age", ]; p3 <- postStratify(cb, ~age, data.frame(age = lv$level, Freq = lv$total))
rb <- calibrate(des0, f, tt, calfun = "raking", bounds = c(.5, 2.5), epsilon = 1e-13, maxit = 300)
lg <- calibrate(rk, f, tt, calfun = "logit", bounds = c(.4, 2.6), epsilon = 1e-13, maxit = 500)
bw <- calibrate(des0, f, tt, calfun = "linear", bounds = c(4, 30), bounds.const = TRUE, epsilon = 1e-13, maxit = 300)
des1 <- svydesign(id = ~village, strata = ~stratum, weights = ~w, data = d); ew <- calibrate(des1, f, tt, calfun = "linear", aggregate.stage = 1, epsilon = 1e-12)
ewm <- cal_margins(des1, g(c("zone","sex")), "raking", aggregate.stage = 1, epsilon = 1e-13, maxit = 300)
S <- list(list(id = "means", estimand = "mean", y = levs(c("q1","wait")), deff = TRUE), list(id = "totals", estimand = "total", y = levs(c("resolved","income"))), list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits"),
  list(id = "by", estimand = "mean", y = levs("q1"), by = levs("county"), deff = TRUE), list(id = "diff", estimand = "difference", y = "q1", values = levs(c(4,5)), pairs = list(list(a = list(sex = "F"), b = list(sex = "M")))), list(id = "var", estimand = "variance", y = levs("wait")))
tag <- function(t, L, ...) lapply(L, function(s) { s$id <- paste0(t, "_", s$id); s$variant <- t; c(s, list(...)) })
cs <- function(calfun, bounds, ...) list(op = "calibrate", calfun = calfun, bounds = bounds, terms = levs(names(tt)), totals = "population.csv", ...); rs <- list(op = "rake", margins = levs(c("county","sex")), totals = "margins.csv")
one <- list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = NULL)
V <- list(chain = list(steps = list(rs, cs("linear", NULL, variance = "hh"), list(op = "poststratify", by = levs("age"), margin = "age", totals = "margins.csv"))),
  raking_bounded = list(steps = list(cs("raking", c(.5, 2.5)))), rake_logit = list(steps = list(rs, cs("logit", c(.4, 2.6)))), on_weight = list(steps = list(cs("linear", c(4, 30), bounds_on = "weight"))),
  equal = c(one, list(steps = list(cs("linear", NULL, equal_within = "village")))), equal_margins = c(one, list(steps = list(list(op = "calibrate", calfun = "raking", bounds = NULL, margins = levs(c("zone","sex")), totals = "margins.csv", equal_within = "village")))))
dj <- list(id = "chain_bounded", title = "Chains of bounded calibrations, a variance, equal weights within villages", source = "synthetic", data = "data.csv", derived = list(one = "1"),
  design = list(method = "taylor", clusters = levs(c("village","pid")), strata = levs("stratum"), weights = "w", fpc = list(list(column = "M_stratum", kind = "population_size"), list(column = "N_village", kind = "population_size"))),
  variants = V, estimates = c(tag("chain", S[1:3], weights = "after_step_1"), lapply(tag("chain", S[1:4]), function(s) { s$id <- paste0(s$id, "_2"); s$weights <- "after_step_2"; s }), lapply(tag("chain", S), function(s) { s$id <- paste0(s$id, "_3"); s }), tag("raking_bounded", S), tag("rake_logit", S), tag("on_weight", S), tag("equal", S), tag("equal_margins", S)), tolerance = 1e-8)
finish(dj, list(weights_chain = wsum(weights(p3)), weights_raking_bounded = wsum(weights(rb)), weights_rake_logit = wsum(weights(lg)), weights_on_weight = wsum(weights(bw)), weights_equal = wsum(weights(ew)), weights_equal_margins = wsum(weights(ewm)),
  estimates = c(run_all(rk, tag("chain", S[1:3])), run_all(cb, lapply(tag("chain", S[1:4]), function(s) { s$id <- paste0(s$id, "_2"); s })), run_all(p3, lapply(tag("chain", S), function(s) { s$id <- paste0(s$id, "_3"); s })), run_all(rb, tag("raking_bounded", S)), run_all(lg, tag("rake_logit", S)), run_all(bw, tag("on_weight", S)), run_all(ew, tag("equal", S)), run_all(ewm, tag("equal_margins", S)))))
