//! The vocabulary that all screens are written in: cards, fields, buttons, news, tables and plots.
//!
//! Every widget has an accessible name, works by keyboard and shows where the focus is. Nothing here knows of models or
//! training; colours and sizes come from [`crate::app::theme`].

mod button;
mod card;
mod field;
mod hatch;
mod heat_map;
mod hinton;
mod histogram;
mod icon;
mod keys;
mod labels;
mod marks;
mod plot;
mod plot_paint;
mod plot_series;
mod plot_table;
pub(crate) mod scale;
mod status;
mod table;
mod take;
mod thin;
mod track;

pub(crate) use button::{ActionButton, segmented, tab};
pub(crate) use card::{card, card_titled, columns, titles};
pub(crate) use field::Field;
pub(crate) use hatch::hatch;
pub(crate) use heat_map::{diverging, heat_map, probability_color};
pub(crate) use hinton::{Biases, Hinton, Pointed};
pub(crate) use histogram::{histogram, histogram_of, histogram_table};
pub(crate) use icon::Icon;
pub(crate) use keys::{arrows, neighbour, picture_info};
pub(crate) use marks::{Mark, marks_legend};
pub(crate) use plot::LinePlot;
pub(crate) use plot_series::{Band, Flag, Reference, Series};
pub(crate) use scale::precise;
pub(crate) use status::{empty_state, meter, meter_row, notice, remark, stat, status_dot};
pub(crate) use table::{Column, Sort, data_table};
pub(crate) use take::{
    TakeButtons, Taking, file_stem, matrix_table, picture_card, show_take_buttons, table_card, table_choices,
    table_title, take_table, texture,
};
pub(crate) use track::TrackMark;

#[cfg(test)]
mod tests;
