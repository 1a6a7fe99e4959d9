//! Grades, calibration and stability of quick models on the sample.
