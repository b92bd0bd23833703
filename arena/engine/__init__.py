"""The neural-network engine: dense networks from scratch on NumPy, HIPS autograd as the tape; it knows nothing of games."""

from arena.engine.averaging import Average
from arena.engine.gradcheck import check_gradient, check_layer, check_loss, check_model
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.losses import DLR, Between, CrossEntropy, Loss, Margin, MeanSquaredError, Taped, Towards, as_loss
from arena.engine.model import Model, passes
from arena.engine.network import Sequential, mlp
from arena.engine.objective import Objective
from arena.engine.optimisers import SGD, Adam, constant, cosine, linear, steps
from arena.engine.randomised import RandomisedEnsemble, drawn_from
from arena.engine.singular_values import sigma, sigma_upper_bound
from arena.engine.spectral_norm import SpectralNorm
from arena.engine.storage import load, save
from arena.engine.training import Progress, fit, fitted

__all__ = [
    "Dense", "Dropout", "Layer", "ReLU", "SpectralNorm", "Sequential", "mlp", "Average", "RandomisedEnsemble",
    "drawn_from", "Model", "Objective", "passes",
    "Between", "CrossEntropy", "DLR", "Loss", "Margin", "MeanSquaredError", "Taped", "Towards", "as_loss",
    "SGD", "Adam", "constant", "cosine", "linear", "steps", "Progress", "fit", "fitted",
    "sigma", "sigma_upper_bound", "check_gradient", "check_layer", "check_loss", "check_model", "load", "save",
    "load_value", "save_value",
]  # fmt: skip
