//! The same function compiled for every vector width, the widest of this CPU called.

use std::sync::LazyLock;

/// The widest vectors of this CPU, looked up once.
pub(in crate::model) fn cpu() -> pulp::Arch {
    static CPU: LazyLock<pulp::Arch> = LazyLock::new(pulp::Arch::new);
    *CPU
}

/// `widest!(f(x: X, y: Y) -> Z)` calls the function f, marked `#[inline(always)]`, on the variables x and y, compiled for
/// the widest vectors of this CPU.
///
/// `widest!(simd; f(...) -> Z)` hands f the vectors too, as its first argument, for what the compiler does not find itself.
///
/// Not by a closure: its call may stay a function of its own, compiled for the narrowest vectors.
macro_rules! widest {
    ($function:ident($($argument:ident: $type:ty),+)) => { widest!($function($($argument: $type),+) -> ()) };
    ($function:ident($($argument:ident: $type:ty),+) -> $output:ty) => {{
        struct Call<T>(T);
        impl pulp::WithSimd for Call<($($type,)+)> {
            type Output = $output;
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) -> $output {
                let ($($argument,)+) = self.0;
                $function($($argument),+)
            }
        }
        $crate::model::kernels::dispatch::cpu().dispatch(Call(($($argument,)+)))
    }};
    (simd; $function:ident($($argument:ident: $type:ty),+) -> $output:ty) => {{
        struct Call<T>(T);
        impl pulp::WithSimd for Call<($($type,)+)> {
            type Output = $output;
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, simd: S) -> $output {
                let ($($argument,)+) = self.0;
                $function(simd, $($argument),+)
            }
        }
        $crate::model::kernels::dispatch::cpu().dispatch(Call(($($argument,)+)))
    }};
}

pub(in crate::model) use widest;
