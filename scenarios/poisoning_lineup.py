"""Who plays poisoning from the command line unless told otherwise: the control first, as in every table."""

ATTACKERS = (
    "random flips=random-label-flip",
    "targeted flips=targeted-label-flip",
    "worst flips=loss-maximising-label-flip",
    "worst flips, repeated=loss-maximising-label-flip(repeats=3)",
)
DEFENDERS = (
    "plain",
    "kNN=sanitised(by='knn')",
    "trimming=sanitised(by='trim')",
    "spectral=sanitised(by='spectral')",
    "clustering=sanitised(by='clustering')",
    "bagging",
    "partitions=deep-partition-aggregation",
)
TRIGGERS = ("random flips=random-label-flip", "patch=backdoor-patch", "clean label=clean-label-backdoor",
            "clean label, not hidden=clean-label-backdoor(radius=0)")  # fmt: skip
DISGUISES = (
    "noise=gradient-matching(steps=0)",
    "gradient matching=gradient-matching",
    "feature collision=feature-collision",
)
LEARNERS = ("plain", "frozen features=frozen-features", "kNN=sanitised(by='knn')", "bagging")
