## survey 4.1-1 centres a lone unit at 0 under "adjust"; 4.5 (and the definitions) at the mean of the unit totals of
## the stage inside the parent, over the units of the design. This puts the newer rule into 4.1-1.
ons <- function(x, cluster, nPSU, fpc, lonely.psu, stratum = NULL, stage = 1, cal = cal) {
  f <- if (is.null(fpc)) rep(1, NROW(x)) else ifelse(fpc == Inf, 1, (fpc - nPSU) / fpc)
  scale <- (if (nPSU > 1) f * nPSU / (nPSU - 1) else f)[1]
  if (all(f < 1e-07)) return(matrix(0, NCOL(x), NCOL(x)))
  x <- rowsum(x, cluster); nsubset <- nrow(x)
  if (nsubset < nPSU) x <- rbind(x, matrix(0, ncol = ncol(x), nrow = nPSU - nrow(x)))
  adl <- getOption("survey.adjust.domain.lonely")
  present <- sum(rowSums(abs(x)) > 0)
  if (lonely.psu == "adjust" && (nPSU == 1 || (adl && present == 1))) x <- sweep(x, 2, .stage_mean, "-")
  else x <- sweep(x, 2, colMeans(x), "-")
  if (nPSU > 1) return(crossprod(x) * scale)
  switch(lonely.psu, certainty = , remove = 0 * crossprod(x), adjust = crossprod(x) * scale, average = NA * crossprod(x),
         fail = stop("Stratum (", stratum, ") has only one PSU at stage ", stage))
}
.stage_mean <- NULL
one <- function(x, strata, clusters, nPSU, fpc, lonely.psu = getOption("survey.lonely.psu"), stage = 0, cal) {
  if (NROW(x) == 0) return(matrix(0, NCOL(x), NCOL(x)))
  units <- sum(tapply(nPSU, factor(strata), function(n) n[1])); .stage_mean <<- colSums(x) / units
  old <- .stage_mean
  sv <- tapply(1:NROW(x), list(factor(strata)), function(i) ons(x[i, , drop = FALSE], clusters[i], nPSU[i][1], if (is.null(fpc)) NULL else fpc[i], lonely.psu, strata[i][1], stage, cal))
  p <- NCOL(x); ok <- sum(sapply(sv, function(m) !any(is.na(m))))
  apply(array(unlist(sv), c(p, p, length(sv))), 1:2, sum, na.rm = TRUE) * length(unique(strata)) / ok
}
environment(ons) <- environment(one) <- globalenv()
if (packageVersion("survey") < "4.5") assignInNamespace("onestage", one, "survey")
