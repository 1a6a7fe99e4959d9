//! A graph under construction: values are made one from another, names are given by it.

use super::messages::{
    ATTRIBUTE_INT, AttributeProto, DimensionProto, GraphProto, NodeProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto, data_type,
};

/// An input, a constant or what an operator makes: its name in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(usize);

/// Numbers that tensors hold.
pub(super) trait Element: Copy {
    /// One of [`data_type`].
    const TYPE: i32;
    /// Appends the little-endian bytes.
    fn write(self, bytes: &mut Vec<u8>);
}

impl Element for f32 {
    const TYPE: i32 = data_type::FLOAT;
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

impl Element for f64 {
    const TYPE: i32 = data_type::DOUBLE;
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }
}

/// Places and counts: none reaches 2⁶³.
impl Element for usize {
    const TYPE: i32 = data_type::INT64;
    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend((self as u64).to_le_bytes());
    }
}

/// The graph so far. Nodes stand in the order in which they were made, so that each comes after what it needs.
#[derive(Debug, Default)]
pub(super) struct Graph {
    names: Vec<String>,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
}

/// Names of the outputs, which no input may have.
pub(super) const OUTPUTS: [&str; 3] = ["pd", "class", "grade"];

impl Graph {
    fn named(&mut self, name: String) -> Value {
        self.names.push(name);
        Value(self.names.len() - 1)
    }

    /// A value of the graph's own: `_` and its number, which no input is called.
    fn fresh(&mut self) -> Value {
        let name = format!("_{}", self.names.len());
        self.named(name)
    }

    /// A named input `(rows, 1)` and its name: `wanted`, or that with a number where it is taken, empty, or one of the
    /// graph's own.
    pub(super) fn input(&mut self, wanted: &str, elem_type: i32, about: &str) -> (Value, String) {
        let own = |name: &str| name.strip_prefix('_').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        let free = |name: &str| {
            !name.is_empty()
                && !own(name)
                && !OUTPUTS.contains(&name)
                && self.inputs.iter().all(|input| input.name != name)
        };
        let base = if wanted.is_empty() { "input" } else { wanted };
        let numbered = (2..).map(|number| format!("{base} ({number})"));
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(|name| free(name)).unwrap_or_default();
        self.inputs.push(column(&name, elem_type, about));
        (self.named(name.clone()), name)
    }

    /// Makes `value` `(rows, 1)` an output.
    pub(super) fn output(&mut self, name: &str, value: Value, elem_type: i32, about: &str) {
        let output = self.named(name.to_owned());
        self.node("Identity", &[value], output, &[]);
        self.outputs.push(column(name, elem_type, about));
    }

    /// Constants of shape `dims`, row by row.
    pub(super) fn constant<T: Element>(&mut self, dims: &[usize], values: &[T]) -> Value {
        let mut raw_data = Vec::with_capacity(size_of_val(values));
        for value in values {
            value.write(&mut raw_data);
        }
        self.tensor(TensorProto { dims: lengths(dims), data_type: T::TYPE, raw_data, ..TensorProto::default() })
    }

    /// One number.
    pub(super) fn scalar<T: Element>(&mut self, value: T) -> Value {
        self.constant(&[], &[value])
    }

    /// Numbers for the columns of a table: `(1, n)`.
    pub(super) fn row<T: Element>(&mut self, values: &[T]) -> Value {
        self.constant(&[1, values.len()], values)
    }

    /// A list of whole numbers, such as indices: `(n)`.
    pub(super) fn list(&mut self, values: impl IntoIterator<Item = usize>) -> Value {
        let values: Vec<usize> = values.into_iter().collect();
        self.constant(&[values.len()], &values)
    }

    /// Texts of shape `dims`.
    pub(super) fn texts<T: AsRef<str>>(&mut self, dims: &[usize], values: &[T]) -> Value {
        let string_data = values.iter().map(|text| text.as_ref().as_bytes().to_vec()).collect();
        self.tensor(TensorProto {
            dims: lengths(dims),
            data_type: data_type::STRING,
            string_data,
            ..TensorProto::default()
        })
    }

    fn tensor(&mut self, tensor: TensorProto) -> Value {
        let value = self.fresh();
        self.constants.push(TensorProto { name: self.names[value.0].clone(), ..tensor });
        value
    }

    /// What an operator without attributes makes of `inputs`.
    pub(super) fn op(&mut self, operator: &str, inputs: &[Value]) -> Value {
        self.op_with(operator, inputs, &[])
    }

    /// What an operator with these attributes makes of `inputs`.
    pub(super) fn op_with(&mut self, operator: &str, inputs: &[Value], attributes: &[(&str, i64)]) -> Value {
        let output = self.fresh();
        self.node(operator, inputs, output, attributes);
        output
    }

    fn node(&mut self, operator: &str, inputs: &[Value], output: Value, attributes: &[(&str, i64)]) {
        let attribute = |&(name, value): &(&str, i64)| AttributeProto {
            name: name.to_owned(),
            i: Some(value),
            r#type: ATTRIBUTE_INT,
        };
        let output = self.names[output.0].clone();
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| self.names[input.0].clone()).collect(),
            name: format!("{operator}{output}"),
            output: vec![output],
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(attribute).collect(),
        });
    }

    /// The same numbers as another type.
    pub(super) fn cast(&mut self, value: Value, to: i32) -> Value {
        self.op_with("Cast", &[value], &[("to", i64::from(to))])
    }

    /// Tables beside each other; a single one as it is.
    pub(super) fn beside(&mut self, parts: &[Value]) -> Value {
        match parts {
            [one] => *one,
            _ => self.op_with("Concat", parts, &[("axis", 1)]),
        }
    }

    /// These columns of a table of `width` columns; the table itself where they are all of them in order.
    pub(super) fn columns(&mut self, table: Value, width: usize, columns: &[usize]) -> Value {
        if columns.iter().copied().eq(0..width) {
            return table;
        }
        let columns = self.list(columns.iter().copied());
        self.op_with("Gather", &[table, columns], &[("axis", 1)])
    }

    /// The elements of a list at `places`, of any shape.
    pub(super) fn look_up(&mut self, list: Value, places: Value) -> Value {
        self.op_with("Gather", &[list, places], &[("axis", 0)])
    }

    /// Kept within `low` and `high`.
    pub(super) fn within(&mut self, value: Value, low: Value, high: Value) -> Value {
        let raised = self.op("Max", &[value, low]);
        self.op("Min", &[raised, high])
    }

    /// `ReduceSum`, `ReduceMax` or `ReduceMin` of each row: `(rows, 1)`.
    pub(super) fn of_row(&mut self, operator: &str, table: Value) -> Value {
        let axis = self.list([1]);
        self.op_with(operator, &[table, axis], &[("keepdims", 1)])
    }

    /// The graph as it is written.
    pub(super) fn finished(self, name: &str) -> GraphProto {
        GraphProto {
            node: self.nodes,
            name: name.to_owned(),
            initializer: self.constants,
            input: self.inputs,
            output: self.outputs,
        }
    }
}

fn lengths(dims: &[usize]) -> Vec<i64> {
    dims.iter().map(|&length| i64::try_from(length).unwrap_or(i64::MAX)).collect()
}

/// A named column `(rows, 1)`.
fn column(name: &str, elem_type: i32, about: &str) -> ValueInfoProto {
    let rows = DimensionProto { dim_param: Some("rows".to_owned()), ..DimensionProto::default() };
    let one = DimensionProto { dim_value: Some(1), ..DimensionProto::default() };
    let shape = Some(TensorShapeProto { dim: vec![rows, one] });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto { tensor_type: Some(TensorTypeProto { elem_type, shape }) }),
        doc_string: about.to_owned(),
    }
}
