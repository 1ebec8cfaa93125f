## Nonresponse classes, a dropped block, collapse, post-stratification on joint cells, then raking: five steps and what each gives.
source("../_common.R"); source("../_synth.R")
if (PRIMARY) { pop <- make_pop(20260203, counties = 3, villages = 16, persons = 50); set.seed(321); s <- two_stage(pop, m = 4, n = 12)
  s$respond <- rbinom(nrow(s), 1, plogis(1.1 - .25 * (match(s$age, AGE) - 3) + .3 * (s$sex == "F"))); s$channel <- sample(c("hall","web","test"), nrow(s), TRUE, c(.6,.37,.03))
  s$class <- paste(s$zone, s$sex, sep = "-"); for (v in c("q1","q2","wait","visits","resolved")) s[[v]][s$respond == 0] <- NA
  put_csv(margin_table(pop[, setdiff(names(pop), "x")], list(c("age","sex"), "zone", "edu")), "margins.csv"); put_csv(s[, c("pid","county","zone","stratum","village","w","M_stratum","age","sex","edu","channel","class","respond","q1","q2","wait","visits","resolved")], "data.csv") }
d <- get_csv("data.csv", "pid"); m <- get_csv("margins.csv")
fac <- with(d, tapply(w, class, sum) / tapply(w * respond, class, sum)); r <- d[d$respond == 1, ]; r$w1 <- r$w * as.numeric(fac[r$class])
r1 <- r; r <- r[r$channel != "test", ]; r$age2 <- ifelse(r$age %in% c("55-64", "65+"), "55+", r$age); r$edu2 <- ifelse(r$edu %in% c("none", "primary"), "low", r$edu)
lv <- do.call(rbind, strsplit(m$level[m$margin == "age*sex"], "|", fixed = TRUE)); ps <- data.frame(age2 = ifelse(lv[, 1] %in% c("55-64", "65+"), "55+", lv[, 1]), sex = lv[, 2], Freq = m$total[m$margin == "age*sex"]); ps <- aggregate(Freq ~ age2 + sex, ps, sum)
mk <- function(dd, w) svydesign(id = ~village, strata = ~stratum, weights = as.formula(paste0("~", w)), fpc = ~M_stratum, data = dd)
base <- mk(d, "w"); a1 <- mk(r1, "w1"); a2 <- mk(r, "w1"); a5 <- postStratify(a2, ~age2 + sex, ps)
mm <- rbind(data.frame(margin = "age2*sex", level = paste(ps$age2, ps$sex, sep = "|"), total = ps$Freq), m[m$margin == "zone", ], aggregate(total ~ margin + level, transform(m[m$margin == "edu", ], margin = "edu2", level = ifelse(level %in% c("none","primary"), "low", level)), sum))
a6 <- cal_margins(a5, mm, "raking", epsilon = 1e-13, maxit = 300)
S <- list(list(id = "means", estimand = "mean", y = levs(c("q1","wait")), deff = TRUE), list(id = "totals", estimand = "total", y = levs("visits"), deff = TRUE), list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits"),
  list(id = "by", estimand = "mean", y = levs("q1"), by = levs(c("zone","sex")), deff = TRUE), list(id = "diff", estimand = "difference", y = "q1", pairs = list(list(a = list(sex = "F"), b = list(sex = "M")))),
  list(id = "var", estimand = "variance", y = levs("wait")), list(id = "q", estimand = "quantile", y = levs("wait"), p = levs(c(.25,.5)), qrule = levs(c("math","hf7")), interval = levs(c("mean","beta"))),
  list(id = "pci", estimand = "proportion_ci", y = "q1", values = levs(c(1,2)), by = levs("sex"), methods = levs(c("mean","logit","asin","xlogit","beta"))),
  list(id = "pci_all", estimand = "proportion_ci", y = "q1", values = levs(c(1,2)), methods = levs("beta")))
W <- function(t, L) lapply(L, function(s) { s$id <- paste0(t, "_", s$id); s$weights <- t; s })
dj <- list(id = "chain_nonresponse", title = "Nonresponse classes, rows dropped, levels collapsed, post-stratified, then raked", source = "synthetic", data = "data.csv",
  design = list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = list(list(column = "M_stratum", kind = "population_size"))),
  steps = list(list(op = "nonresponse_classes", respond = "respond", classes = levs("class")), list(op = "drop", column = "channel", values = levs("test")),
    list(op = "collapse", column = "age", into = "age2", map = list(`55-64` = "55+", `65+` = "55+"), applies_to = levs(c("data","margins"))), list(op = "collapse", column = "edu", into = "edu2", map = list(none = "low", primary = "low"), applies_to = levs(c("data","margins"))),
    list(op = "poststratify", by = levs(c("age2","sex")), margin = "age*sex", totals = "margins.csv"), list(op = "rake", margins = levs(c("age2*sex","zone","edu2")), totals = "margins.csv")),
  estimates = c(W("base", list(list(id = "by_respond", estimand = "total", y = levs("respond")))), W("after_step_1", S[c(1,4)]), W("after_step_2", S[1:2]), W("after_step_5", S), S), tolerance = 1e-8)
finish(dj, list(degf = degf(a6), nonresponse_factors = lapply(as.list(fac), sig), weights_base = wsum(weights(base)), weights_after_step_1 = wsum(weights(a1)), weights_after_step_2 = wsum(weights(a2)), weights_after_step_5 = wsum(weights(a5)), weights = wsum(weights(a6)),
  estimates = c(run_all(base, W("base", list(list(id = "by_respond", estimand = "total", y = levs("respond"))))), run_all(a1, W("after_step_1", S[c(1,4)])), run_all(a2, W("after_step_2", S[1:2])), run_all(a5, W("after_step_5", S)), run_all(a6, S))))
