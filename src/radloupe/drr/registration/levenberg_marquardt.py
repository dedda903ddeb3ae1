"""Levenberg-Marquardt's method with forward differences, whose function evaluations are asked for in batches.

K. Madsen, H. B. Nielsen, O. Tingleff, "Methods for non-linear least squares problems", Technical University of Denmark, 2004, section 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Parameters = Float[np.ndarray, " p"]
Residuals = Callable[[Float[np.ndarray, "n p"]], Float[np.ndarray, "n m"]]
"""The residuals of several sets of parameters."""
LAMBDA, WORSE, BETTER = 1e-2, 6.0, 5.0  # the damping at the start, and by what it is multiplied or divided
GIVE_UP = 1e3  # damping at which steps are too small to matter
LONGEST = 6.0  # a step in any parameter: linearisation holds no farther
SMALL = 0.01  # a step that ends the search, in parts of the differences' step


@dataclass(frozen=True)
class Fit:
    """A minimum."""

    parameters: Parameters
    cost: float
    """Half the sum of squared residuals."""
    normal: Float[np.ndarray, "p p"]
    """J^T J at the last linearisation."""
    iterations: int
    evaluations: int


def minimise(residuals: Residuals, start: Parameters, difference: float, iterations: int) -> Fit:
    """Parameters that make the sum of squared residuals small; steps of `difference` in each of them give the derivatives."""
    count, damping, evaluations = len(start), LAMBDA, 1
    best, here = start, residuals(start[None])[0]
    cost, normal, done = half_square(here), np.eye(count), 0
    while done < iterations:
        done += 1
        jacobian = (residuals(best + difference * np.eye(count)) - here).astype(float) / difference
        normal, slope = jacobian @ jacobian.T, jacobian @ here
        evaluations += count
        while damping < GIVE_UP:
            damped = normal + damping * np.diag(np.diag(normal) + np.finfo(np.float32).tiny)
            step = -np.linalg.lstsq(damped, slope, rcond=None)[0]
            step *= min(1.0, LONGEST / max(np.abs(step).max(), np.finfo(float).tiny))
            (tried,) = residuals((best + step)[None])
            evaluations += 1
            if half_square(tried) < cost:
                break
            damping *= WORSE
        else:
            break
        best, here, cost, damping = best + step, tried, half_square(tried), damping / BETTER
        if np.abs(step).max() < SMALL * difference:
            break
    return Fit(best, cost, normal, done, evaluations)


def half_square(residual: Float[np.ndarray, " m"]) -> float:
    """Half the sum of squares."""
    return 0.5 * float(residual.astype(float) @ residual)
