//! Matrix products by faer, whose kernels fit the vector width of the CPU at hand.
//!
//! Measured on one core of Zen 4 (AVX-512, 118 GFLOP/s at best): 104 GFLOP/s from 64 × 32 × 64 on, 37 still at
//! 10 × 8 × 32, where blocks of registers written by hand were slower.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{Array2, ArrayRef1, ArrayRef2, CowArray, Ix2};

/// Multiply-adds from which a product is cut in two, for a second thread to take one half of the output.
const HALVES: usize = 8_000_000;

/// `out = x·w + bias` per row; `x` `(n_rows, n)`, `w` `(n, m)`, `bias` `m`, `out` `(n_rows, m)`.
pub fn affine(x: &ArrayRef2<f32>, w: &ArrayRef2<f32>, bias: &ArrayRef1<f32>, out: &mut ArrayRef2<f32>) {
    fill_rows(bias, out);
    let (x, w) = (rows(x), rows(w));
    write(out, |out| multiply(out, Accum::Add, 1.0, matrix(&x), matrix(&w)));
}

/// `out = h·wᵀ + bias` per row; `h` `(n_rows, m)`, `w` `(n, m)`, `bias` `n`, `out` `(n_rows, n)`.
pub fn affine_transposed(h: &ArrayRef2<f32>, w: &ArrayRef2<f32>, bias: &ArrayRef1<f32>, out: &mut ArrayRef2<f32>) {
    fill_rows(bias, out);
    let (h, w) = (rows(h), rows(w));
    write(out, |out| multiply(out, Accum::Add, 1.0, matrix(&h), matrix(&w).transpose()));
}

/// `out = h·wᵀ`; `h` `(n_rows, m)`, `w` `(n, m)`, `out` `(n_rows, n)`: errors sent back through a layer.
pub fn product_transposed(h: &ArrayRef2<f32>, w: &ArrayRef2<f32>, out: &mut ArrayRef2<f32>) {
    let (h, w) = (rows(h), rows(w));
    write(out, |out| multiply(out, Accum::Replace, 1.0, matrix(&h), matrix(&w).transpose()));
}

/// `c = alpha·aᵀ·b + beta·c`; `a` `(n_rows, n)`, `b` `(n_rows, m)`, `c` `(n, m)`. With `beta` 0, what stood in `c` does not
/// matter.
pub fn transposed_product(alpha: f32, a: &ArrayRef2<f32>, b: &ArrayRef2<f32>, beta: f32, c: &mut ArrayRef2<f32>) {
    let accumulate = if beta == 0.0 { Accum::Replace } else { Accum::Add };
    if beta != 0.0 && beta != 1.0 {
        c.mapv_inplace(|c| beta * c);
    }
    let (a, b) = (rows(a), rows(b));
    write(c, |c| multiply(c, accumulate, alpha, matrix(&a).transpose(), matrix(&b)));
}

/// The same numbers row by row without gaps: a copy only where they are not.
fn rows(x: &ArrayRef2<f32>) -> CowArray<'_, f32, Ix2> {
    x.as_standard_layout()
}

fn matrix<'a>(x: &'a CowArray<'_, f32, Ix2>) -> MatRef<'a, f32> {
    MatRef::from_row_major_slice(x.as_slice().unwrap_or_default(), x.nrows(), x.ncols())
}

/// `bias` in every row of `out`.
fn fill_rows(bias: &ArrayRef1<f32>, out: &mut ArrayRef2<f32>) {
    match (bias.as_slice(), out.as_slice_mut()) {
        (Some(bias), Some(out)) if !bias.is_empty() => {
            out.chunks_exact_mut(bias.len()).for_each(|row| row.copy_from_slice(bias));
        }
        _ => out.assign(bias),
    }
}

/// Has `out` written, by way of a copy where its rows do not lie one after another.
fn write(out: &mut ArrayRef2<f32>, product: impl FnOnce(MatMut<'_, f32>)) {
    let (rows, columns) = out.dim();
    if let Some(out) = out.as_slice_mut() {
        product(MatMut::from_row_major_slice_mut(out, rows, columns));
    } else {
        let mut copy: Array2<f32> = out.to_owned();
        product(MatMut::from_row_major_slice_mut(copy.as_slice_mut().unwrap_or_default(), rows, columns));
        out.assign(&copy);
    }
}

/// `out = alpha·a·b`, added to what stands there or in its place.
///
/// A large product is always computed as two halves of its output, so that it does not show in a single bit whether
/// a second thread took one of them. It does inside a rayon pool of more than one thread only.
fn multiply(out: MatMut<'_, f32>, accumulate: Accum, alpha: f32, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    let (rows, columns, depth) = (a.nrows(), b.ncols(), a.ncols());
    if rows * columns * depth < HALVES {
        matmul(out, accumulate, a, b, alpha, Par::Seq);
        return;
    }
    if rows < columns {
        let half = columns / 2;
        let (left, right) = out.split_at_col_mut(half);
        let (b_left, b_right) = b.split_at_col(half);
        join(
            || matmul(left, accumulate, a, b_left, alpha, Par::Seq),
            || matmul(right, accumulate, a, b_right, alpha, Par::Seq),
        );
    } else {
        let half = rows / 2;
        let (upper, lower) = out.split_at_row_mut(half);
        let (a_upper, a_lower) = a.split_at_row(half);
        join(
            || matmul(upper, accumulate, a_upper, b, alpha, Par::Seq),
            || matmul(lower, accumulate, a_lower, b, alpha, Par::Seq),
        );
    }
}

fn join(one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    if rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1 {
        rayon::join(one, other);
    } else {
        one();
        other();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, s};

    fn numbers(rows: usize, columns: usize, seed: usize) -> Array2<f32> {
        Array2::from_shape_fn((rows, columns), |(i, j)| (((i * 31 + j * 17 + seed * 7) % 23) as f32 - 11.0) / 8.0)
    }

    /// The sum over k of a(i, k)·b(k, j) in f64.
    fn plain(a: &ArrayRef2<f32>, b: &ArrayRef2<f32>) -> Array2<f64> {
        Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
            (0..a.ncols()).map(|k| f64::from(a[[i, k]]) * f64::from(b[[k, j]])).sum()
        })
    }

    fn assert_close(got: &ArrayRef2<f32>, want: &ArrayRef2<f64>) {
        let depth_of_tests = 300.0;
        for (got, want) in got.iter().zip(want) {
            assert!((f64::from(*got) - want).abs() < 1e-6 * depth_of_tests, "{got} {want}");
        }
    }

    #[test]
    fn products_agree_with_sums_in_f64_at_every_size() {
        for (r, n, m) in [(1, 1, 1), (3, 5, 2), (10, 8, 32), (16, 64, 17), (1, 33, 16), (37, 1, 9), (20, 130, 300)] {
            let (x, w, h) = (numbers(r, n, 1), numbers(n, m, 2), numbers(r, m, 3));
            let (c, b) = (Array1::from_iter((0..m).map(|j| j as f32)), Array1::from_iter((0..n).map(|i| i as f32)));
            let mut out = Array2::from_elem((r, m), f32::NAN);
            affine(&x, &w, &c, &mut out);
            assert_close(&out, &(plain(&x, &w) + c.mapv(f64::from)));
            let mut out = Array2::from_elem((r, n), f32::NAN);
            affine_transposed(&h, &w, &b, &mut out);
            assert_close(&out, &(plain(&h, &w.t()) + b.mapv(f64::from)));
            out.fill(f32::NAN);
            product_transposed(&h, &w, &mut out);
            assert_close(&out, &plain(&h, &w.t()));
            let mut out = Array2::from_elem((n, m), f32::NAN);
            transposed_product(0.5, &x, &h, 0.0, &mut out);
            assert_close(&out, &(plain(&x.t(), &h) * 0.5));
            let before = numbers(n, m, 4);
            for beta in [1.0, 0.25] {
                let mut out = before.clone();
                transposed_product(-1.0, &x, &h, beta, &mut out);
                assert_close(&out, &(before.mapv(|x| f64::from(beta * x)) - plain(&x.t(), &h)));
            }
        }
    }

    #[test]
    fn nothing_to_add_up_leaves_the_bias() {
        let mut out = Array2::from_elem((2, 3), f32::NAN);
        affine(&numbers(2, 0, 1), &numbers(0, 3, 1), &Array1::ones(3), &mut out);
        assert_eq!(out, Array2::<f32>::ones((2, 3)));
        transposed_product(1.0, &numbers(0, 2, 1), &numbers(0, 3, 1), 0.0, &mut out);
        assert_eq!(out, Array2::<f32>::zeros((2, 3)));
        affine(&numbers(0, 4, 1), &numbers(4, 3, 1), &Array1::ones(3), &mut Array2::zeros((0, 3)));
    }

    #[test]
    fn parts_of_wider_matrices_give_the_same() {
        let (x, w) = (numbers(9, 20, 1), numbers(30, 7, 2));
        let (x, w) = (x.slice(s![..;2, 3..11]), w.slice(s![10..18, ..5]));
        let mut wide = Array2::zeros((5, 8));
        affine(&x, &w, &Array1::ones(5), &mut wide.slice_mut(s![.., 2..7]));
        assert_close(&wide.slice(s![.., 2..7]), &(plain(&x, &w) + 1.0));
        assert!(wide.slice(s![.., ..2]).iter().all(|&x| x == 0.0));
    }

    #[test]
    fn one_thread_and_two_give_the_same_bits() {
        let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        // Longer by columns, then by rows; both large enough to be cut.
        for (r, n, m) in [(101, 199, 503), (503, 199, 101)] {
            assert!(r * n * m > HALVES);
            let (x, w) = (numbers(r, n, 1), numbers(n, m, 2));
            let compute = || {
                let (mut out, mut g) = (Array2::zeros((r, m)), Array2::zeros((n, m)));
                affine(&x, &w, &Array1::ones(m), &mut out);
                transposed_product(1.0, &x, &out, 0.0, &mut g);
                (out, g)
            };
            let alone = compute();
            assert_eq!(alone, pool(1).install(compute));
            assert_eq!(alone, pool(2).install(compute));
            assert_close(&alone.0, &(plain(&x, &w) + 1.0));
        }
    }
}
