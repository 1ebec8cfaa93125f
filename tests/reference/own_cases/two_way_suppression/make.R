## Two-way suppression: primary cells, then complementary ones until no row and no column has exactly one.
source("../_common.R"); source("../_synth.R")
if (PRIMARY) { pop <- make_pop(20260208, counties = 5, villages = 10, persons = 40); set.seed(371); s <- two_stage(pop, 3, 6); s$channel <- sample(c("hall","web","phone","letter"), nrow(s), TRUE, c(.45,.3,.18,.07)); put_csv(s[, c("pid","county","zone","stratum","village","w","sex","channel","q1")], "data.csv") }
d <- get_csv("data.csv", "pid"); des <- svydesign(id = ~village, strata = ~stratum, weights = ~w, data = d)
est <- function(k) { dd <- des[k, ]; e <- svymean(~q1, dd); w <- weights(dd, "sampling"); se <- as.numeric(SE(e)); list(n = sum(k), n_eff_kish = sig(sum(w)^2 / sum(w^2)), estimate = sig(coef(e)), se = sig(se), rse = sig(se / abs(coef(e)))) }
two <- function(r, c, k) {                       # primary, then the smallest other cell of a line with one gap, rows and columns in turns
  n <- table(d[[r]], d[[c]]); p <- n > 0 & n < k; s <- p
  close <- function(i, j) { o <- which(s[i, j]); if (length(o) != 1) return(); v <- n[i, j]; nm <- if (length(i) == 1) colnames(n)[j] else rownames(n)[i]; ok <- which(!s[i, j] & v > 0); if (!length(ok)) return(); x <- ok[order(v[ok], nm[ok])[1]]; if (length(i) == 1) s[i, j[x]] <<- TRUE else s[i[x], j] <<- TRUE }
  repeat { before <- sum(s); for (i in seq_len(nrow(n))) close(i, seq_len(ncol(n))); for (j in seq_len(ncol(n))) close(seq_len(nrow(n)), j); if (sum(s) == before) break }
  rows <- list(); for (a in rownames(n)) for (b in colnames(n)) if (n[a, b] > 0) rows[[length(rows) + 1]] <- c(list(level = paste(a, b, sep = "|")), est(d[[r]] == a & d[[c]] == b), list(primary = unname(p[a, b]), suppressed = unname(s[a, b]), complementary = unname(s[a, b] & !p[a, b])))
  rows }
t1 <- two("county", "channel", 5); t2 <- two("channel", "sex", 12); t3 <- two("county", "channel", 8)
dj <- list(id = "two_way_suppression", title = "Two-way suppression", source = "synthetic", data = "data.csv", design = list(method = "taylor", clusters = levs("village"), strata = levs("stratum"), weights = "w", fpc = NULL, lonely_psu = "adjust"), steps = list(),
  tables = list(list(id = "county_channel_k5", by = levs(c("county","channel")), y = "q1", min_n = 5), list(id = "channel_sex_k12", by = levs(c("channel","sex")), y = "q1", min_n = 12), list(id = "county_channel_k8", by = levs(c("county","channel")), y = "q1", min_n = 8)), rule = "primary: n < min_n. complementary: a row or column with exactly one suppressed cell gets a second, until none is left", tolerance = 1e-9)
finish(dj, list(weights = wsum(weights(des)), tables = list(list(id = "county_channel_k5", rows = t1), list(id = "channel_sex_k12", rows = t2), list(id = "county_channel_k8", rows = t3))))
