"""Levenberg-Marquardt method with forward differences and batched function evaluations.

K. Madsen, H. B. Nielsen, O. Tingleff, "Methods for non-linear least squares problems", Technical University of Denmark, 2004, section 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Parameters = Float[np.ndarray, " p"]
Residuals = Callable[[Float[np.ndarray, "n p"]], Float[np.ndarray, "n m"]]
"""Function of several parameter sets that returns their residuals."""
LAMBDA, WORSE, BETTER = 1e-2, 6.0, 5.0  # initial damping, its factor after a worse step, its divisor after a better one
GIVE_UP = 1e3  # damping at which steps are negligible
LONGEST = 6.0  # longest step in any parameter, within which the linearisation holds
SMALL = 0.01  # step that ends the search, relative to the differences' step


@dataclass(frozen=True)
class Fit:
    """Result of the minimisation."""

    parameters: Parameters
    cost: float
    """Half the sum of squared residuals."""
    normal: Float[np.ndarray, "p p"]
    """J^T J at the last linearisation."""
    iterations: int
    evaluations: int


def minimise(residuals: Residuals, start: Parameters, difference: float, iterations: int) -> Fit:
    """Minimise the sum of squared residuals; derivatives are forward differences with steps of `difference`."""
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
