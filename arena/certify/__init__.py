"""Certificates: what is proven of a network, from below, and the bracket that closes with the attack above."""

from arena.certify.brackets import Bracket, Unsound, bracket, ladder
from arena.certify.certificate import Certificate
from arena.certify.exact import ExactVerifier, Verdicts
from arena.certify.lipschitz import l2_radii, pairwise_constants
from arena.certify.network import ReLUNet
from arena.certify.proofs import certify
from arena.certify.sigma import gram_bound, proven_sigma, proves
from arena.certify.smoothing import Smoothed, Smoothing

__all__ = [
    "Bracket", "Certificate", "ExactVerifier", "ReLUNet", "Smoothed", "Smoothing", "Unsound", "Verdicts", "bracket",
    "certify", "gram_bound", "l2_radii", "ladder", "pairwise_constants", "proven_sigma", "proves",
]  # fmt: skip
