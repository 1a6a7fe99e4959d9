//! The kernel functions K(a, b), computed from the scalar product a·b and the squared lengths |a|², |b|².

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the vector width of its caller")]

use serde::{Deserialize, Serialize};

use crate::model::kernels::{exp_f32, exp_f64};

/// A kernel with its numbers filled in. γ > 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// a·b
    Linear,
    /// exp(−γ|a − b|²)
    Rbf {
        /// γ
        gamma: f64,
    },
    /// (γ a·b + r)^degree
    Polynomial {
        /// γ
        gamma: f64,
        /// r
        coef0: f64,
        /// The power.
        degree: i32,
    },
    /// tanh(γ a·b + r); not positive definite in general, so the dual may have several minima.
    Sigmoid {
        /// γ
        gamma: f64,
        /// r
        coef0: f64,
    },
}

impl Kernel {
    /// Turns the scalar products of one row with N others into kernel values, in place, in single precision.
    /// `norm` is the squared length of the one row, `norms` those of the others.
    #[inline(always)]
    pub(super) fn map_f32<const N: usize>(&self, norm: f32, norms: &[f32; N], products: &mut [f32; N]) {
        match *self {
            Self::Linear => {}
            Self::Rbf { gamma } => {
                let minus_gamma = -gamma as f32;
                for (value, other) in products.iter_mut().zip(norms) {
                    let squared_distance = (norm + other) - 2.0 * *value;
                    // Rounding can make the squared distance of near twins negative.
                    let exponent = minus_gamma * squared_distance;
                    *value = exp_f32(if exponent < 0.0 { exponent } else { 0.0 });
                }
            }
            _ => {
                let mut wide = products.map(f64::from);
                self.map_products(&mut wide);
                *products = wide.map(|value| value as f32);
            }
        }
    }

    /// The same in double precision.
    #[inline(always)]
    pub(super) fn map_f64<const N: usize>(&self, norm: f64, norms: &[f64; N], products: &mut [f64; N]) {
        match *self {
            Self::Rbf { gamma } => {
                for (value, other) in products.iter_mut().zip(norms) {
                    let exponent = -gamma * ((norm + other) - 2.0 * *value);
                    *value = exp_f64(if exponent < 0.0 { exponent } else { 0.0 });
                }
            }
            _ => self.map_products(products),
        }
    }

    /// K from a·b for the kernels that depend on it alone, as vector instructions.
    #[inline(always)]
    fn map_products<const N: usize>(&self, products: &mut [f64; N]) {
        match *self {
            Self::Linear | Self::Rbf { .. } => {}
            Self::Polynomial { gamma, coef0, degree } => {
                let mut power = products.map(|product| gamma * product + coef0);
                *products = [1.0; N];
                let mut left = degree.unsigned_abs();
                while left > 0 {
                    if left & 1 == 1 {
                        products.iter_mut().zip(&power).for_each(|(value, power)| *value *= power);
                    }
                    power = power.map(|power| power * power);
                    left >>= 1;
                }
                if degree < 0 {
                    *products = products.map(f64::recip);
                }
            }
            Self::Sigmoid { gamma, coef0 } => {
                for value in products {
                    // tanh|x| = (1 − e^−2|x|) / (1 + e^−2|x|)
                    let x = gamma * *value + coef0;
                    let e = exp_f64(-2.0 * x.abs());
                    *value = ((1.0 - e) / (1.0 + e)).copysign(x);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // a = (1, 2), b = (3, -1): a·b = 1, |a|² = 5, |b|² = 10, |a − b|² = 13.
        let kernels = [
            (Kernel::Linear, 1.0),
            (Kernel::Rbf { gamma: 0.1 }, (-1.3_f64).exp()),
            (Kernel::Polynomial { gamma: 2.0, coef0: 1.0, degree: 3 }, 27.0),
            (Kernel::Sigmoid { gamma: 0.5, coef0: -1.0 }, (-0.5_f64).tanh()),
            (Kernel::Polynomial { gamma: 2.0, coef0: 0.0, degree: -1 }, 0.5),
        ];
        for (kernel, of_pair) in kernels {
            let mut single = [1.0];
            kernel.map_f32(5.0, &[10.0], &mut single);
            let mut double = [1.0];
            kernel.map_f64(5.0, &[10.0], &mut double);
            assert!((f64::from(single[0]) - of_pair).abs() < 1e-6 * of_pair.abs(), "{kernel:?}");
            assert!((double[0] - of_pair).abs() < 1e-14 * of_pair.abs(), "{kernel:?}");
        }
    }

    #[test]
    fn twins_are_never_more_than_alike() {
        let mut value = [5.000_001_f32];
        Kernel::Rbf { gamma: 1.0 }.map_f32(5.0, &[5.0], &mut value);
        assert_eq!(value[0], 1.0);
    }
}
