# Share of inquiries answered by a person within 24 hours, and the median wait, per brand.
# Needs: install.packages("survival"), which comes with most installations of R
library(survival)

instant <- function(text) as.POSIXct(sub("Z$", "", text), format = "%Y-%m-%dT%H:%M:%OS", tz = "UTC")
as_of <- instant("AS_OF")
probes <- read.csv("data/probes.csv", na.strings = "", stringsAsFactors = FALSE)
delivered <- probes[!is.na(probes$sent_at) & is.na(probes$exclusion), ]
watched_s <- as.numeric(difftime(as_of, instant(delivered$sent_at), units = "secs"))

# Mature: old enough for the window and for a late bounce (72 hours), and not closed before.
mature <- watched_s >= 72 * 3600 & !(!is.na(delivered$closed_s) & delivered$closed_s < 24 * 3600)
within <- !is.na(delivered$human_s) & delivered$human_s <= 24 * 3600

# Median wait by Kaplan and Meier: those still waiting count as long as they were watched.
watched_s <- pmin(watched_s, delivered$closed_s, na.rm = TRUE)
replied <- !is.na(delivered$human_s) & delivered$human_s <= watched_s
waited_h <- ifelse(replied, delivered$human_s, watched_s) / 3600
curves <- survfit(Surv(waited_h, replied) ~ delivered$brand, conf.type = "log-log")
found <- summary(curves)$table
if (is.null(dim(found))) found <- t(found)
medians <- data.frame(brand = sort(unique(delivered$brand)), median_hours = found[, "median"])

shares <- aggregate(list(within_24h = within[mature]), list(brand = delivered$brand[mature]), mean)
shares$n <- as.vector(table(delivered$brand[mature]))
write.csv(merge(shares, medians, all = TRUE), stdout(), row.names = FALSE, na = "")
