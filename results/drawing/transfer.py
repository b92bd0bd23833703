"""The transfer matrix as a picture."""

from __future__ import annotations

import os

from results.drawing.heat import COLOURS, Sheet, draw_sheet
from results.tables.transfer import TransferMatrix


def draw_transfer(matrix: TransferMatrix, path: str | os.PathLike[str]) -> None:
    """Write a PNG of the matrix in percent: the darker a cell, the more points its target lost; no result is grey."""
    bar = "fooled, % of the points read right"
    apart = 0 if matrix.noise is None else 1
    head = f"{matrix.title.split(':')[0]}: made on (down), sent to (across)"
    draw_sheet(Sheet(head, matrix.rows, matrix.targets, bar, f"{COLOURS}_r", apart), path)
