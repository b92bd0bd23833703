"""How sure a number is: variances, intervals, paired comparisons, and verdicts that follow from them."""
