//! Matrix products.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayRef1, ArrayRef2};

/// `out = x·w + bias` per row; `x` `(n_rows, n)`, `w` `(n, m)`, `bias` `m`, `out` `(n_rows, m)`.
pub fn affine(x: &ArrayRef2<f32>, w: &ArrayRef2<f32>, bias: &ArrayRef1<f32>, out: &mut ArrayRef2<f32>) {
    out.assign(bias);
    general_mat_mul(1.0, x, w, 1.0, out);
}

/// `out = h·wᵀ + bias` per row; `h` `(n_rows, m)`, `w` `(n, m)`, `bias` `n`, `out` `(n_rows, n)`.
pub fn affine_transposed(h: &ArrayRef2<f32>, w: &ArrayRef2<f32>, bias: &ArrayRef1<f32>, out: &mut ArrayRef2<f32>) {
    out.assign(bias);
    general_mat_mul(1.0, h, &w.t(), 1.0, out);
}

/// `out = h·wᵀ`; `h` `(n_rows, m)`, `w` `(n, m)`, `out` `(n_rows, n)`: errors sent back through a layer.
pub fn product_transposed(h: &ArrayRef2<f32>, w: &ArrayRef2<f32>, out: &mut ArrayRef2<f32>) {
    general_mat_mul(1.0, h, &w.t(), 0.0, out);
}

/// `c = alpha·aᵀ·b + beta·c`; `a` `(n_rows, n)`, `b` `(n_rows, m)`, `c` `(n, m)`. With `beta` 0, what stood in `c` does not
/// matter.
pub fn transposed_product(alpha: f32, a: &ArrayRef2<f32>, b: &ArrayRef2<f32>, beta: f32, c: &mut ArrayRef2<f32>) {
    general_mat_mul(alpha, &a.t(), b, beta, c);
}
