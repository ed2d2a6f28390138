//! Figures in, an SVG out: a group of bars per workload, at chunks of 16 KiB.

use std::{error::Error, path::Path};

use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    drawing::IntoDrawingArea,
    element::Rectangle,
    prelude::{IntoLogRange, SVGBackend},
    style::{
        BLACK, Color, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    chunking::Chunking,
    contest::{CHUNKS, LIMIT, OURS},
    measure::Cell,
};

const SIZE: (u32, u32) = (1260, 560);

/// Where the bars begin, in MB/s. The scale is logarithmic, so it has no zero.
const FLOOR: f64 = 10.0;

/// How much room the legend takes, in groups of bars.
const LEGEND: f64 = 2.8;

/// Dark for ours, a scale of greys and blues for the peers, light for the limit.
const COLOURS: [RGBColor; 8] = [
    RGBColor(200, 40, 40),
    RGBColor(31, 90, 150),
    RGBColor(70, 130, 180),
    RGBColor(110, 165, 205),
    RGBColor(60, 130, 90),
    RGBColor(120, 175, 130),
    RGBColor(150, 150, 150),
    RGBColor(225, 215, 190),
];

pub fn draw(path: &Path, cells: &[Cell]) -> Result<(), Box<dyn Error>> {
    let cells: Vec<_> = cells
        .iter()
        .filter(|cell| cell.form == "owned" && cell.chunking == Chunking::Bytes(16384))
        .collect();
    let Some(first) = cells.first() else {
        return Err("nothing to draw: the plot shows owned events in chunks of 16384".into());
    };
    let names: Vec<_> =
        first.outcomes.iter().map(|(name, _)| *name).filter(|name| *name != CHUNKS).collect();
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(
            "Owned events from chunks of 16 KiB, MB/s (logarithmic; more is better)",
            ("sans-serif", 20),
        )
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(70)
        .build_cartesian_2d(0_f64..cells.len() as f64 + LEGEND, (FLOOR..100_000_f64).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(WHITE)
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    let label =
        TextStyle::from(("sans-serif", 13)).pos(Pos::new(HPos::Center, VPos::Top)).color(&BLACK);
    for (at, cell) in cells.iter().enumerate() {
        let (x, y) = chart.backend_coord(&(at as f64 + 0.5, FLOOR));
        root.draw_text(&cell.workload, &label, (x, y + 8))?;
    }
    for (at, name) in names.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let width = 0.84 / names.len() as f64;
        let bars = cells.iter().enumerate().filter_map(|(group, cell)| {
            let left = group as f64 + 0.08 + at as f64 * width;
            let height = cell.get(name)?.mb_per_s;
            let corners = [(left, FLOOR), (left + width * 0.92, height)];
            Some(Rectangle::new(corners, colour.filled()))
        });
        let title = match *name {
            OURS => "ours",
            LIMIT => "limit",
            peer => peer,
        };
        chart
            .draw_series(bars)?
            .label(title)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}
