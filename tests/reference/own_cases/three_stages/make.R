## Three stages with fpc at all three: counties in regions, villages by zone in counties, persons in villages; a region taken whole.
source("../_common.R"); source("../_synth.R"); source("../_patch.R")
if (PRIMARY) {
  pop <- make_pop(20260201, counties = 12, villages = 7, persons = 30); pop$region <- c("East","East","East","East","East","North","North","North","North","West","West","West")[as.integer(substr(pop$county, 2, 3))]
  set.seed(301); s <- list()
  for (r in c("East","North","West")) { cs <- unique(pop$county[pop$region == r]); nc <- c(East = 3, North = 2, West = 3)[[r]]
    for (k in sample(cs, nc)) for (z in c("rural","urban")) { vs <- unique(pop$village[pop$county == k & pop$zone == z]); nv <- if (k == "C03") length(vs) else 2
      for (v in sample(vs, nv)) { p <- pop[pop$village == v, ]; n <- if (runif(1) < .15) min(12, nrow(p)) else 6; x <- p[sort(sample(nrow(p), n)), ]
        x$N1 <- length(cs); x$N2 <- length(vs); x$N3 <- nrow(p); x$f1 <- nc / length(cs); x$f2 <- nv / length(vs); x$f3 <- n / nrow(p); s[[length(s) + 1]] <- x } } }
  s <- do.call(rbind, s); s <- punch(s, "q1", .05); s$vno <- as.integer(sub(".*-", "", s$village)); s$pw <- round(1 / (s$f1 * s$f2 * s$f3) * sample(c(.9, 1, 1.2), nrow(s), TRUE), 6)
  put_csv(s[, c("pid","region","county","zone","vno","N1","N2","N3","f1","f2","f3","pw","age","sex","q1","q2","wait","visits","resolved")], "data.csv")
}
d <- get_csv("data.csv", "pid"); d$v2 <- paste(d$county, d$zone, d$vno); d$r2 <- paste(d$county, d$zone)
des <- svydesign(id = ~county + v2 + pid, strata = ~region + r2, fpc = ~N1 + N2 + N3, data = d)
giv <- svydesign(id = ~county + v2 + pid, strata = ~region + r2, weights = ~pw, fpc = ~N1 + N2 + N3, data = d)
frc <- svydesign(id = ~county + v2 + pid, strata = ~region + r2, fpc = ~f1 + f2 + f3, data = d)
d$i2 <- d$i3 <- Inf; fst <- svydesign(id = ~county + v2 + pid, strata = ~region + r2, weights = ~pw, fpc = ~N1 + i2 + i3, data = d)   # with replacement from the second stage: its units still vary
wr <- svydesign(id = ~county, strata = ~region, weights = ~pw, data = d)
S <- list(
  list(id = "means", estimand = "mean", y = levs(c("q1","q2","wait")), deff = TRUE),
  list(id = "totals", estimand = "total", y = levs(c("visits","wait")), by = levs("zone"), deff = TRUE),
  list(id = "ratio", estimand = "ratio", num = "resolved", den = "visits", by = levs("region"), level = .9),
  list(id = "top2_by", estimand = "proportion", y = "q1", values = list(c(4,5), 1), by = levs(c("region","sex")), deff = TRUE),
  list(id = "variance", estimand = "variance", y = levs("visits"), by = levs("zone")),
  list(id = "diff", estimand = "difference", y = "q1", values = levs(c(4,5)), pairs = list(list(a = list(zone = "urban"), b = list(zone = "rural")), list(a = list(region = "West"), b = list(region = "East")))),
  list(id = "dtotal", estimand = "difference_total", y = "visits", pairs = list(list(a = list(sex = "F"), b = list(sex = "M")))),
  list(id = "contrast", estimand = "contrast", y = "wait", level = .9, terms = list(list(domain = list(region = "East"), coef = 1), list(domain = list(region = "North"), coef = -.25), list(domain = list(region = "West"), coef = -.75))),
  list(id = "pci", estimand = "proportion_ci", y = "q1", values = levs(c(4,5)), by = levs("zone"), level = .9, methods = levs(c("mean","logit","asin","beta","xlogit"))),
  list(id = "quant", estimand = "quantile", y = levs("wait"), p = levs(c(.1,.5,.9)), by = levs("zone"), qrule = levs(c("math","hf7","school")), interval = levs(c("mean","beta","xlogit","asin")), level = .9))
tag <- function(t, L) lapply(L, function(s) { s$id <- paste0(t, "_", s$id); s$design <- t; s })
fp <- function(v, k) lapply(v, function(n) list(column = n, kind = k)); N <- paste0("N", 1:3)
three <- function(...) list(method = "taylor", clusters = levs(c("county","vno","pid")), strata = levs(c("region","zone")), ...)
dj <- list(id = "three_stages", title = "Three stages, fpc at all three, a census at the first in one region and at the second in one county", source = "synthetic", data = "data.csv",
  design = three(weights = NULL, fpc = fp(N, "population_size"), note = "no weight column: weight = product of N/n"),
  designs = list(given = three(weights = "pw", fpc = fp(N, "population_size")), fractions = three(weights = NULL, fpc = fp(paste0("f", 1:3), "sampling_fraction")),
    first_only = three(weights = "pw", fpc = list(list(column = "N1", kind = "population_size"), NULL, NULL)), wr = list(method = "taylor", clusters = levs("county"), strata = levs("region"), weights = "pw", fpc = NULL)),
  steps = list(), estimates = c(S, tag("given", S), tag("fractions", S[c(1, 4)]), tag("first_only", S[c(1, 3, 6)]), tag("wr", S[c(1, 3, 9, 10)])), tolerance = 1e-9)
finish(dj, list(degf = degf(des), weights = wsum(weights(des)), estimates = c(run_all(des, S), run_all(giv, tag("given", S)), run_all(frc, tag("fractions", S[c(1, 4)])), run_all(fst, tag("first_only", S[c(1, 3, 6)])), run_all(wr, tag("wr", S[c(1, 3, 9, 10)])))))
