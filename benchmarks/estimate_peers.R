# The estimation of benchmarks/estimate.py by R survey, for the comparison.
#
#     Rscript benchmarks/estimate_peers.R DATA.csv TOTALS.json OUT.json
#
# Rakes to the five margins by Newton (calibrate) and takes mean and standard error of y in
# each domain; svyby keeps the calibration in the errors. Loading the packages is not counted.

needed <- c("survey", "jsonlite")
missing <- needed[!vapply(needed, requireNamespace, logical(1), quietly = TRUE)]
if (length(missing)) stop("R has no ", paste(missing, collapse = ", no "))
suppressPackageStartupMessages(library(survey))

# Answers with their design. A first-stage unit has one number over all strata.
read_design <- function(file, totals) {
    answers <- read.csv(file)
    for (margin in names(totals)) {
        answers[[margin]] <- factor(answers[[margin]], levels = names(totals[[margin]]))
    }
    # Newton loses its way from weights far from the total; a constant changes no result.
    answers$w <- answers$w * sum(unlist(totals[[1]])) / sum(answers$w)
    svydesign(ids = ~unit, strata = ~stratum, weights = ~w, data = answers)
}

# Calibrated to every margin: the intercept, then all levels of a margin but its first. The
# default epsilon of 1e-7 would show in the comparison.
rake_to <- function(design, totals) {
    without_first <- lapply(names(totals), function(margin) {
        counts <- unlist(totals[[margin]])[-1]
        setNames(counts, paste0(margin, names(totals[[margin]])[-1]))
    })
    population <- c("(Intercept)" = sum(unlist(totals[[1]])), unlist(without_first))
    formula <- reformulate(names(totals))
    calibrate(design, formula, population, calfun = "raking", epsilon = 1e-10)
}

# The most memory this process has held, in MB: the system's count, else R's own.
peak <- function() {
    status <- "/proc/self/status"
    if (!file.exists(status)) return(sum(gc()[, 6]))
    line <- grep("^VmHWM", readLines(status), value = TRUE)
    as.numeric(gsub("[^0-9]", "", line)) / 1024
}

seconds <- list()
timed <- function(name, work) {
    taken <- system.time(result <- work)[["elapsed"]]
    seconds[[name]] <<- taken
    result
}

given <- commandArgs(trailingOnly = TRUE)
totals <- jsonlite::fromJSON(given[2])
design <- timed("read", read_design(given[1], totals))
raked <- timed("rake", rake_to(design, totals))
means <- timed("domains", svyby(~y, ~domain, raked, svymean))

found <- list(
    version = as.character(packageVersion("survey")),
    seconds = seconds,
    peak_mb = peak(),
    domains = setNames(Map(c, means$y, means$se), means$domain)
)
writeLines(jsonlite::toJSON(found, auto_unbox = TRUE, digits = NA), given[3])
