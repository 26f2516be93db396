# RcppML's alternating least squares, for bench/factorization.ts.
#
# Usage: factorization_peer.R DATA.f32 ROWS COLUMNS RANK SEED
# Prints a JSON object: the sum of squared errors after 200 iterations, and the seconds that these took.
# RcppML keeps A = W·diag(d)·H with columns of W that sum to 1; it takes sparse matrices and works in double.
suppressMessages({
  library(Matrix)
  library(RcppML)
})
given <- commandArgs(trailingOnly = TRUE)
size <- as.integer(given[2:5])
values <- readBin(given[1], "numeric", size[1] * size[2], size = 4)
X <- matrix(values, size[1], size[2], byrow = TRUE)
if (exists("setRcppMLthreads")) setRcppMLthreads(0)
A <- as(X, "dgCMatrix")
began <- proc.time()[["elapsed"]]
model <- nmf(A, size[3], tol = 0, maxit = 200, verbose = FALSE, seed = size[4] + 1)
seconds <- proc.time()[["elapsed"]] - began
part <- function(name) if (isS4(model)) slot(model, name) else model[[name]]
residual <- X - part("w") %*% (part("d") * part("h"))
cat(sprintf('{"sse": %.9g, "seconds": %.4f}\n', sum(residual^2), seconds))
