mod interpreter;
mod models;
mod preparation;
mod tables;
