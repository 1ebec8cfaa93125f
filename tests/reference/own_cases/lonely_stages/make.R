## One cluster alone at the first stage, at the second and in a domain, under every rule, with calibration.
source("../_common.R"); source("../_synth.R"); source("../_patch.R")
if (PRIMARY) { pop <- make_pop(20260206, counties = 4, villages = 10, persons = 40); set.seed(351); m <- setNames(rep(3, 8), sort(unique(pop$stratum))); m["C02.urban"] <- 1; s <- two_stage(pop, m = m, n = 8)
  one <- sample(unique(s$village[s$stratum != "C02.urban"]), 2); s <- s[!(s$village %in% one & duplicated(s$village)), ]; s$w <- round(s$w, 6); s <- s[!(s$stratum == "C01.rural" & s$age == "65+" & duplicated(paste(s$stratum, s$age))), ]
  put_csv(margin_table(pop, list("sex","zone")), "margins.csv"); put_csv(s[, c("pid","county","zone","stratum","village","M_stratum","N_village","w","age","sex","q1","wait","visits","resolved")], "data.csv") }
d <- get_csv("data.csv", "pid"); m <- get_csv("margins.csv")
des <- svydesign(id = ~village + pid, strata = ~stratum, weights = ~w, fpc = ~M_stratum + N_village, data = d); one <- svydesign(id = ~village, strata = ~stratum, weights = ~w, data = d)
cal <- cal_margins(des, m, "raking", epsilon = 1e-13, maxit = 300); calo <- cal_margins(one, m, "raking", epsilon = 1e-13, maxit = 300)
S <- list(list(id = "means", estimand = "mean", y = levs(c("q1","wait")), deff = TRUE), list(id = "totals", estimand = "total", y = levs("visits")), list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits"), list(id = "diff", estimand = "difference", y = "q1", pairs = list(list(a = list(sex = "F"), b = list(sex = "M")))))
B <- list(list(id = "by", estimand = "total", y = levs("visits"), by = levs("sex")), list(id = "by_age", estimand = "mean", y = levs("q1"), by = levs("age")))
L <- list(); res <- list()
add <- function(.d, t, r, specs, ...) { specs <- lapply(specs, function(s) { s$id <- paste(t, r, s$id, sep = "_"); s$lonely_psu <- r; c(s, list(...)) }); L <<- c(L, specs); res <<- c(res, run_all(.d, specs)) }
for (r in c("remove","certainty","average","adjust")) { options(survey.lonely.psu = r); X <- if (r == "average") S else c(S, B)
  if (r != "average") add(des, "two", r, X, weights = "base"); add(one, "one", r, X, weights = "base", design = "one"); if (r != "average") add(cal, "cal", r, X); add(calo, "calo", r, X, design = "one") }
options(survey.lonely.psu = "adjust", survey.adjust.domain.lonely = TRUE); suppressWarnings({ add(one, "adl", "adjust", B[2], weights = "base", design = "one", adjust_domain_lonely = TRUE); add(des, "adl2", "adjust", B[2], weights = "base", adjust_domain_lonely = TRUE) })
dj <- list(id = "lonely_stages", title = "A lonely cluster at either stage and in domains, with and without raking", source = "synthetic", data = "data.csv",
  design = list(method = "taylor", clusters = levs(c("village","pid")), strata = levs("stratum"), weights = "w", fpc = list(list(column = "M_stratum", kind = "population_size"), list(column = "N_village", kind = "population_size")), lonely_psu = "per estimate"),
  designs = list(one = list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = NULL)),
  steps = list(list(op = "rake", margins = levs(c("sex","zone")), totals = "margins.csv")), must_fail = list(list(name = "fail", lonely_psu = "fail", estimand = "mean", y = "q1")), estimates = L, tolerance = 1e-8)
finish(dj, list(degf = degf(cal), weights = wsum(weights(cal)), estimates = res))
