//! A table of grades in few bytes, for the index of a cohort.

use super::{GradeRow, GradeTable};
use crate::joint;
use crate::pack::{Packer, Unpacker};

impl GradeTable {
    pub(crate) fn pack(&self, out: &mut Packer) {
        out.number(self.extra_columns.len() as u64);
        self.extra_columns.iter().for_each(|column| out.text(column));
        out.number(self.patients.len() as u64);
        for (place, patient) in self.patients.iter().enumerate() {
            out.text(patient);
            out.bytes(self.rows[place].as_bytes());
            self.totals[place].iter().for_each(|total| out.bytes(&total.to_le_bytes()));
            self.extras(place).iter().for_each(|extra| out.text(extra));
        }
    }

    pub(crate) fn unpack(input: &mut Unpacker) -> Option<Self> {
        let columns = input.count(1)?;
        let extra_columns = texts(input, columns)?;
        let count = input.count(joint::COUNT)?;
        let mut table = Self { extra_columns, ..Self::default() };
        table.patients.reserve(count);
        table.rows.reserve(count);
        table.totals.reserve(count);
        table.positions.reserve(count);
        for _ in 0..count {
            let patient = input.text()?.to_owned();
            let row = GradeRow::from_bytes(input.bytes(joint::COUNT)?.try_into().ok()?)?;
            let mut totals = [f32::NAN; 3];
            for total in &mut totals {
                *total = f32::from_le_bytes(input.bytes(4)?.try_into().ok()?);
            }
            let extras = texts(input, columns)?;
            table.append(patient, row, totals, extras);
        }
        Some(table)
    }
}

fn texts(input: &mut Unpacker, count: usize) -> Option<Vec<String>> {
    (0..count).map(|_| input.text().map(str::to_owned)).collect()
}
