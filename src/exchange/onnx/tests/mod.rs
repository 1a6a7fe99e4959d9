mod interpreter;
mod models;
mod preparation;
mod tables;

pub(crate) use self::models::pd_of_graph;
