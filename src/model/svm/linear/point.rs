//! One row of an interior point: its dual variable strictly between the bounds, with a multiplier for each bound.
//!
//! Notation, with β = yα, A ≤ β ≤ B as in `select` and f(x) = w·x + b: l = β − A and u = B − β are the distances from the
//! bounds, s and z the multipliers of the lower and the upper one. All four are positive. The optimality conditions are
//! f − y = s − z, ls = 0 and uz = 0, and Σβ = 0 over all rows. Eliminating the multipliers from a Newton step leaves
//! Δβ = D (r − Δf) with D = 1/(s/l + z/u) and r = y − f for the predictor.

/// Distances and multipliers of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) l: f64,
    pub(super) u: f64,
    pub(super) s: f64,
    pub(super) z: f64,
}

/// How β and the multipliers of a row would change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) beta: f64,
    pub(super) s: f64,
    pub(super) z: f64,
}

impl Place {
    /// A row whose multipliers s − z = f − y are as near as may be to ls = uz = `mu`.
    pub(super) fn near_centre(l: f64, u: f64, excess: f64, mu: f64) -> Self {
        // Of the two roots the one of its own sign: the other follows from the product without cancellation.
        let centre = mu / l.max(u);
        let larger = 0.5 * excess.abs() + (0.5 * excess).hypot(centre);
        let smaller = (centre * (centre / larger)).max(f64::MIN_POSITIVE);
        let (s, z) = if excess >= 0.0 { (larger, smaller) } else { (smaller, larger) };
        Self { l, u, s, z }
    }

    /// D, with `proximal` ≥ 0 added to its inverse.
    pub(super) fn weight(&self, proximal: f64) -> f64 {
        1.0 / (self.s / self.l + self.z / self.u + proximal)
    }

    /// ls + uz.
    pub(super) fn complementarity(&self) -> f64 {
        self.l * self.s + self.u * self.z
    }

    /// The step towards ls = uz = 0 (affine, the predictor) that moves β by `beta`.
    pub(super) fn affine(&self, beta: f64) -> Change {
        Change { beta, s: -self.s - self.s / self.l * beta, z: -self.z + self.z / self.u * beta }
    }

    /// What second-order terms and the aim ls = uz = `aim` add to the right-hand side r (Mehrotra's corrector).
    pub(super) fn correction(&self, affine: Change, aim: f64) -> f64 {
        aim * (1.0 / self.l - 1.0 / self.u) - affine.beta * affine.s / self.l - affine.beta * affine.z / self.u
    }

    /// The corrected step that moves β by `beta`.
    pub(super) fn corrected(&self, beta: f64, affine: Change, aim: f64) -> Change {
        Change {
            beta,
            s: (aim - affine.beta * affine.s - self.s * beta) / self.l - self.s,
            z: (aim + affine.beta * affine.z + self.z * beta) / self.u - self.z,
        }
    }

    /// The largest share of a change, possibly above 1, that keeps all four numbers at zero or above.
    pub(super) fn longest(&self, change: Change) -> f64 {
        let until = |value: f64, change: f64| if change < 0.0 { -value / change } else { f64::INFINITY };
        let beta = until(self.l, change.beta).min(until(self.u, -change.beta));
        beta.min(until(self.s, change.s)).min(until(self.z, change.z))
    }

    /// The place after a share of a change.
    pub(super) fn moved(&self, change: Change, share: f64) -> Self {
        let above = |value: f64| value.max(f64::MIN_POSITIVE);
        Self {
            l: above(self.l + share * change.beta),
            u: above(self.u - share * change.beta),
            s: above(self.s + share * change.s),
            z: above(self.z + share * change.z),
        }
    }
}
