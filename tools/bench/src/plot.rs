//! Draws figures as an SVG with a group of bars per workload.

use std::{error::Error, ops::Range, path::Path};

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

/// Content of the plot. The scale is logarithmic, so it has no zero, and bars begin somewhere above
/// it.
pub struct Chart<'a> {
    pub caption: &'a str,
    pub scale: Range<f64>,
    pub label: fn(&f64) -> String,
    /// Names of the bars of each group, in their order.
    pub series: Vec<&'a str>,
    pub groups: Vec<Group<'a>>,
}

pub struct Group<'a> {
    pub name: &'a str,
    /// In the order of the series; a missing value has no bar.
    pub bars: Vec<Option<f64>>,
}

const SIZE: (u32, u32) = (1260, 560);

/// Returns the room that the legend takes, in groups of bars, of which the plot has `groups`.
fn legend(groups: usize) -> f64 {
    0.28 * groups as f64
}

/// Red for ours, which comes first, a scale of grays and blues for the peers, light for the limit,
/// which comes last.
const COLORS: [RGBColor; 8] = [
    RGBColor(200, 40, 40),
    RGBColor(31, 90, 150),
    RGBColor(70, 130, 180),
    RGBColor(110, 165, 205),
    RGBColor(60, 130, 90),
    RGBColor(120, 175, 130),
    RGBColor(150, 150, 150),
    RGBColor(225, 215, 190),
];

pub fn draw(path: &Path, chart: &Chart<'_>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Chart { caption, scale, label, series, groups } = chart;
    let floor = scale.start;
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let width = groups.len() as f64 + legend(groups.len());
    let mut plot = ChartBuilder::on(&root)
        .caption(caption, ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(70)
        .build_cartesian_2d(0_f64..width, scale.clone().log_scale())?;
    plot.configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(WHITE)
        .y_label_formatter(label)
        .draw()?;
    let name =
        TextStyle::from(("sans-serif", 13)).pos(Pos::new(HPos::Center, VPos::Top)).color(&BLACK);
    for (at, group) in groups.iter().enumerate() {
        let (x, y) = plot.backend_coord(&(at as f64 + 0.5, floor));
        root.draw_text(group.name, &name, (x, y + 8))?;
    }
    for (at, title) in series.iter().enumerate() {
        let color = COLORS[at % COLORS.len()];
        let width = 0.84 / series.len() as f64;
        let bars = groups.iter().enumerate().filter_map(|(number, group)| {
            let left = number as f64 + 0.08 + at as f64 * width;
            let height = (*group.bars.get(at)?)?;
            let corners = [(left, floor), (left + width * 0.92, height)];
            Some(Rectangle::new(corners, color.filled()))
        });
        plot.draw_series(bars)?
            .label(*title)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
    }
    plot.configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    Ok(())
}
