//! A small interpreter of the operators that exported graphs use, written after the operators' specification: proof that a
//! graph says what the program does, without a runtime of others.

use std::collections::HashMap;

use ndarray::{Array2, ArrayD, ArrayView1, Axis, Ix2, IxDyn, Zip, concatenate};

use crate::exchange::onnx::messages::{GraphProto, NodeProto, TensorProto, data_type};

/// A tensor of any type used.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tensor {
    F32(ArrayD<f32>),
    F64(ArrayD<f64>),
    I64(ArrayD<i64>),
    Bool(ArrayD<bool>),
    Text(ArrayD<String>),
}

impl Tensor {
    /// A column of numbers.
    pub(super) fn numbers(values: &[f64]) -> Self {
        Self::F64(shaped(&[values.len(), 1], values.iter().copied()))
    }

    /// A column of texts.
    pub(super) fn texts(values: Vec<String>) -> Self {
        Self::Text(shaped(&[values.len(), 1], values.into_iter()))
    }

    fn of(tensor: &TensorProto) -> Self {
        let dims: Vec<usize> = tensor.dims.iter().map(|&length| length as usize).collect();
        let raw = &tensor.raw_data;
        match tensor.data_type {
            data_type::FLOAT => Self::F32(shaped(&dims, raw.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)))),
            data_type::DOUBLE => Self::F64(shaped(&dims, raw.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)))),
            data_type::INT64 => Self::I64(shaped(&dims, raw.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b)))),
            data_type::STRING => {
                Self::Text(shaped(&dims, tensor.string_data.iter().map(|b| String::from_utf8(b.clone()).unwrap())))
            }
            other => panic!("a constant of type {other}"),
        }
    }
}

fn shaped<T>(dims: &[usize], values: impl Iterator<Item = T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(dims), values.collect()).unwrap()
}

/// The outputs of `graph` for named `inputs`.
pub(super) fn outputs(graph: &GraphProto, inputs: HashMap<String, Tensor>) -> HashMap<String, Tensor> {
    let mut values = inputs;
    for input in &graph.input {
        assert!(values.contains_key(&input.name), "no value for {}", input.name);
    }
    for tensor in &graph.initializer {
        assert!(values.insert(tensor.name.clone(), Tensor::of(tensor)).is_none(), "{} twice", tensor.name);
    }
    for node in &graph.node {
        let inputs: Vec<&Tensor> =
            node.input.iter().map(|name| values.get(name).unwrap_or_else(|| panic!("no {name}"))).collect();
        let output = result(node, &inputs);
        assert!(values.insert(node.output[0].clone(), output).is_none(), "{} twice", node.output[0]);
    }
    graph.output.iter().map(|output| (output.name.clone(), values[&output.name].clone())).collect()
}

fn attribute(node: &NodeProto, name: &str) -> i64 {
    node.attribute.iter().find(|attribute| attribute.name == name).and_then(|attribute| attribute.i).unwrap()
}

/// Of every element of a tensor of either precision.
macro_rules! of_each {
    ($x:expr, $f:expr) => {
        match $x {
            Tensor::F32(x) => Tensor::F32(x.mapv($f)),
            Tensor::F64(x) => Tensor::F64(x.mapv($f)),
            other => panic!("{other:?}"),
        }
    };
}

/// Of every pair of elements of two tensors of numbers of one type.
macro_rules! of_pairs {
    ($inputs:expr, $f:expr) => {
        match $inputs {
            [Tensor::F32(a), Tensor::F32(b)] => Tensor::F32(pairs(a, b, $f)),
            [Tensor::F64(a), Tensor::F64(b)] => Tensor::F64(pairs(a, b, $f)),
            [Tensor::I64(a), Tensor::I64(b)] => Tensor::I64(pairs(a, b, $f)),
            other => panic!("{other:?}"),
        }
    };
}

/// Whether something holds of every pair of elements of two tensors of one type.
macro_rules! holds {
    ($inputs:expr, $f:expr, $($kind:path),*) => {
        match $inputs {
            $([$kind(a), $kind(b)] => Tensor::Bool(pairs(a, b, $f)),)*
            other => panic!("{other:?}"),
        }
    };
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "of_each takes both f32 and f64, whose methods differ")]
fn result(node: &NodeProto, inputs: &[&Tensor]) -> Tensor {
    match node.op_type.as_str() {
        "Identity" => inputs[0].clone(),
        "Abs" => of_each!(inputs[0], |x| x.abs()),
        "Sign" => of_each!(inputs[0], |x| if x == 0.0 { x } else { x.signum() }),
        "Log" => of_each!(inputs[0], |x| x.ln()),
        "Exp" => of_each!(inputs[0], |x| x.exp()),
        "Sigmoid" => of_each!(inputs[0], |x| 1.0 / (1.0 + (-x).exp())),
        "Tanh" => of_each!(inputs[0], |x| x.tanh()),
        "Relu" => of_each!(inputs[0], |x| x.max(0.0)),
        "Add" => of_pairs!(inputs, |a, b| a + b),
        "Sub" => of_pairs!(inputs, |a, b| a - b),
        "Mul" => of_pairs!(inputs, |a, b| a * b),
        "Div" => of_pairs!(inputs, |a, b| a / b),
        "Min" => of_pairs!(inputs, |a, b| if b < a { b } else { a }),
        "Max" => of_pairs!(inputs, |a, b| if b > a { b } else { a }),
        "Pow" => match inputs {
            [Tensor::F64(a), Tensor::F64(b)] => Tensor::F64(pairs(a, b, f64::powf)),
            other => panic!("{other:?}"),
        },
        "Less" => holds!(inputs, |a, b| a < b, Tensor::F64),
        "GreaterOrEqual" => holds!(inputs, |a, b| a >= b, Tensor::F64),
        "Equal" => holds!(inputs, |a, b| a == b, Tensor::F32, Tensor::F64, Tensor::Text),
        "Or" => holds!(inputs, |a, b| a || b, Tensor::Bool),
        "Where" => match inputs {
            [Tensor::Bool(c), Tensor::F32(a), Tensor::F32(b)] => Tensor::F32(chosen(c, a, b)),
            [Tensor::Bool(c), Tensor::F64(a), Tensor::F64(b)] => Tensor::F64(chosen(c, a, b)),
            [Tensor::Bool(c), Tensor::I64(a), Tensor::I64(b)] => Tensor::I64(chosen(c, a, b)),
            other => panic!("{other:?}"),
        },
        "Cast" => cast(inputs[0], attribute(node, "to") as i32),
        "MatMul" => match inputs {
            [Tensor::F32(a), Tensor::F32(b)] => Tensor::F32(flat(a).dot(&flat(b)).into_dyn()),
            [Tensor::F64(a), Tensor::F64(b)] => Tensor::F64(flat(a).dot(&flat(b)).into_dyn()),
            other => panic!("{other:?}"),
        },
        "Concat" => concat(inputs, Axis(attribute(node, "axis") as usize)),
        "Gather" => gather(inputs, Axis(attribute(node, "axis") as usize)),
        "GatherElements" => match inputs {
            [Tensor::F64(x), Tensor::I64(at)] => {
                assert_eq!((attribute(node, "axis"), at.shape()[0]), (1, x.shape()[0]));
                Tensor::F64(ArrayD::from_shape_fn(at.shape(), |place| x[[place[0], at[&place] as usize]]))
            }
            other => panic!("{other:?}"),
        },
        "ReduceSum" => reduced(node, inputs, |a, b| a + b, |a, b| a + b),
        "ReduceMax" => reduced(node, inputs, f64::max, i64::max),
        "LogSoftmax" => match inputs[0] {
            Tensor::F64(x) => {
                let mut x = flat(x);
                for mut row in x.rows_mut() {
                    let top = row.fold(f64::NEG_INFINITY, |m, &x| m.max(x));
                    let log_sum = row.mapv(|x| (x - top).exp()).sum().ln() + top;
                    row -= log_sum;
                }
                Tensor::F64(x.into_dyn())
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other} is not expected"),
    }
}

/// Element by element, dimensions of length 1 stretched.
fn pairs<A: Clone, B: Clone, C>(a: &ArrayD<A>, b: &ArrayD<B>, f: impl Fn(A, B) -> C) -> ArrayD<C> {
    let shape = common(a.shape(), b.shape());
    let (a, b) = (a.broadcast(shape.clone()).unwrap(), b.broadcast(shape).unwrap());
    Zip::from(a).and(b).map_collect(|a, b| f(a.clone(), b.clone()))
}

fn chosen<T: Clone>(condition: &ArrayD<bool>, a: &ArrayD<T>, b: &ArrayD<T>) -> ArrayD<T> {
    let taken = pairs(condition, a, |condition, a| (condition, a));
    pairs(&taken, b, |(condition, a), b| if condition { a } else { b })
}

fn common(a: &[usize], b: &[usize]) -> IxDyn {
    let n = a.len().max(b.len());
    let length = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(n).map_or(1, |axis| shape[axis]);
    let lengths = (0..n).map(|axis| match (length(a, axis), length(b, axis)) {
        (1, length) | (length, 1) => length,
        (a, b) => {
            assert_eq!(a, b);
            a
        }
    });
    IxDyn(&lengths.collect::<Vec<_>>())
}

fn cast(x: &Tensor, to: i32) -> Tensor {
    match (x, to) {
        (Tensor::F32(x), data_type::DOUBLE) => Tensor::F64(x.mapv(f64::from)),
        (Tensor::F64(x), data_type::FLOAT) => Tensor::F32(x.mapv(|x| x as f32)),
        (Tensor::F64(x), data_type::INT64) => Tensor::I64(x.mapv(|x| x as i64)),
        (Tensor::Bool(x), data_type::INT64) => Tensor::I64(x.mapv(i64::from)),
        other => panic!("{other:?}"),
    }
}

fn flat<T: Clone>(x: &ArrayD<T>) -> Array2<T> {
    x.clone().into_dimensionality::<Ix2>().unwrap()
}

fn concat(inputs: &[&Tensor], axis: Axis) -> Tensor {
    macro_rules! all {
        ($kind:path) => {{
            let part = |input: &&Tensor| match input {
                $kind(x) => x.clone(),
                other => panic!("{other:?}"),
            };
            let parts: Vec<_> = inputs.iter().map(part).collect();
            let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
            $kind(concatenate(axis, &views).unwrap())
        }};
    }
    match inputs[0] {
        Tensor::F32(_) => all!(Tensor::F32),
        Tensor::F64(_) => all!(Tensor::F64),
        other => panic!("{other:?}"),
    }
}

fn gather(inputs: &[&Tensor], axis: Axis) -> Tensor {
    let [data, Tensor::I64(at)] = inputs else { panic!("{inputs:?}") };
    match data {
        Tensor::F32(x) => Tensor::F32(at_places(x, at, axis)),
        Tensor::F64(x) => Tensor::F64(at_places(x, at, axis)),
        Tensor::I64(x) => Tensor::I64(at_places(x, at, axis)),
        Tensor::Bool(x) => Tensor::Bool(at_places(x, at, axis)),
        Tensor::Text(x) => Tensor::Text(at_places(x, at, axis)),
    }
}

/// Elements of a list by places of any shape, or columns of a table by a list of them.
fn at_places<T: Clone>(x: &ArrayD<T>, at: &ArrayD<i64>, axis: Axis) -> ArrayD<T> {
    if x.ndim() == 1 {
        return ArrayD::from_shape_fn(at.shape(), |place| x[at[&place] as usize].clone());
    }
    assert_eq!((axis, at.ndim()), (Axis(1), 1));
    ArrayD::from_shape_fn(IxDyn(&[x.shape()[0], at.len()]), |place| x[[place[0], at[place[1]] as usize]].clone())
}

/// Of every row.
fn reduced(node: &NodeProto, inputs: &[&Tensor], f: fn(f64, f64) -> f64, i: fn(i64, i64) -> i64) -> Tensor {
    let Tensor::I64(axes) = inputs[1] else { panic!("{inputs:?}") };
    assert_eq!((axes.iter().copied().collect::<Vec<_>>(), attribute(node, "keepdims")), (vec![1], 1));
    match inputs[0] {
        Tensor::F64(x) => Tensor::F64(rows(x, |a, b| f(*a, *b))),
        Tensor::F32(x) => Tensor::F32(rows(x, |a, b| f(f64::from(*a), f64::from(*b)) as f32)),
        Tensor::I64(x) => Tensor::I64(rows(x, |a, b| i(*a, *b))),
        other => panic!("{other:?}"),
    }
}

fn rows<T: Copy>(x: &ArrayD<T>, f: impl Fn(&T, &T) -> T) -> ArrayD<T> {
    let rows = flat(x);
    let row = |row: ArrayView1<'_, T>| row.iter().copied().reduce(|sum, x| f(&sum, &x)).unwrap();
    shaped(&[rows.nrows(), 1], rows.rows().into_iter().map(row))
}
