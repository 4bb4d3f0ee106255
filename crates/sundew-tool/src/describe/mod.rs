//! `sundew describe`: one descriptor in, what others need to know of the device out.
//!
//! Each generator is a module with a function that gets the descriptor, and the options where it has
//! any, and returns the whole text.

mod cddl;
mod channel;
mod classes;
mod grafana;
mod home_assistant;
mod javascript;
mod metric;
mod presentation;
mod summary;
mod thing;

use std::io::Write;

use clap::{Args, ValueEnum};

use crate::{
    Failure,
    input::{self, Encoding},
    json,
    schema::Schema,
};

/// Tells what others need to know of a device, from its descriptor
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The descriptor: hex digits, base64, a file, or - for standard input
    #[arg(value_name = "HEX|BASE64|FILE|-")]
    source: Vec<String>,

    /// What to write
    #[arg(long, value_name = "FORM", value_enum, default_value = "table")]
    to: Form,

    /// How the descriptor is written
    #[arg(long, value_name = "ENCODING", value_enum, default_value = "auto")]
    input: Encoding,

    /// An older descriptor of the model: frames of both versions must be readable by each other
    #[arg(long, value_name = "HEX|BASE64|FILE")]
    against: Option<String>,

    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  sundew describe weather.cbor
  sundew describe weather.json --to cbor > weather.cbor
  sundew describe weather.cbor --to cddl
  sundew describe weather.cbor --against weather-6.cbor
  sundew describe weather.cbor --to home-assistant --id hut-1 --manufacturer Acme |
    mosquitto_pub -r -t homeassistant/device/hut-1/config -s
  sundew describe weather.cbor --to grafana > /var/lib/sundew/dashboards/weather.json
  sundew describe weather.cbor --to wot --id hut-1 --broker mqtts://broker.example:8883";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The channels, with the bits and bytes that they take
    Table,
    /// The descriptor itself, as deterministic CBOR
    Cbor,
    /// The descriptor itself, as JSON
    Json,
    /// The messages of the device as CDDL (RFC 8610)
    Cddl,
    /// A payload formatter for LoRaWAN servers (TS013)
    Javascript,
    /// Device discovery of Home Assistant
    HomeAssistant,
    /// A Grafana dashboard for all devices of the model
    Grafana,
    /// Grafana's provisioning of the data source
    GrafanaDatasource,
    /// Grafana's provisioning of dashboards
    GrafanaProvider,
    /// A W3C Thing Description, or a Thing Model without --broker
    Wot,
}

/// Holds what a descriptor does not know of one device and of where it is used.
#[derive(Args)]
struct Options {
    /// The device's id: a-z A-Z 0-9 _ - [default: the model]
    #[arg(long)]
    id: Option<String>,

    /// The device's name for people [default: the id]
    #[arg(long)]
    name: Option<String>,

    /// Who made the device
    #[arg(long)]
    manufacturer: Option<String>,

    /// The version of its software
    #[arg(long)]
    software: Option<String>,

    /// The version of its hardware
    #[arg(long)]
    hardware: Option<String>,

    /// Its serial number
    #[arg(long)]
    serial: Option<String>,

    /// The id of the gateway that it is reached through
    #[arg(long)]
    via: Option<String>,

    /// Where the values come, as from decode --state [default: sundew/<id>/state]
    #[arg(long)]
    topic: Option<String>,

    /// Where values to be set go, as encode --lines takes them [default: sundew/<id>/set]
    #[arg(long)]
    command_topic: Option<String>,

    /// Where the device is said to be online or offline
    #[arg(long)]
    availability: Option<String>,

    /// The seconds after which a value without a successor is unknown
    #[arg(long, value_name = "SECONDS")]
    expire_after: Option<u32>,

    /// Home Assistant's class of a channel where the usual one does not fit, such as dust=pm25
    #[arg(long, value_name = "CHANNEL=CLASS")]
    class: Vec<String>,

    /// The broker that a Thing Description points to
    #[arg(long, value_name = "MQTT-URL")]
    broker: Option<String>,

    /// How the broker knows who is there
    #[arg(long, value_enum, default_value = "auto")]
    security: Security,

    /// Where the metrics are kept
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8428")]
    datasource: String,

    /// Where the dashboards are kept
    #[arg(long, value_name = "PATH", default_value = "/var/lib/sundew/dashboards")]
    dashboards: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Security {
    /// As client and broker agree, such as by certificates
    Auto,
    /// By name and password
    Basic,
    /// Not at all
    Nosec,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let options = &arguments.options;
    for pair in &options.class {
        if !pair.contains('=') {
            return Err(Failure::Usage(format!("--class takes CHANNEL=CLASS, not '{pair}'")));
        }
    }
    let schema = Schema::from_bytes(input::joined(&arguments.source, arguments.input)?)?;
    let descriptor = schema.descriptor()?;
    let older = arguments.against.as_deref().map(Schema::load).transpose()?;
    let older = older.as_ref().map(Schema::descriptor).transpose()?;
    if let Some(older) = &older {
        descriptor.check_evolution(older).map_err(Failure::input)?;
    }
    let text = match arguments.to {
        Form::Table => return summary::write(&descriptor, older.as_ref(), out),
        // Past the stream that drops what looks like a colour.
        Form::Cbor => return Ok(std::io::stdout().write_all(descriptor.as_bytes())?),
        Form::Json => Ok(descriptor.to_json() + "\n"),
        Form::Cddl => cddl::generate(&descriptor),
        Form::Javascript => javascript::generate(&descriptor),
        Form::HomeAssistant => home_assistant::generate(&descriptor, older.as_ref(), options),
        Form::Grafana => grafana::dashboard(&descriptor),
        Form::GrafanaDatasource => Ok(grafana::datasource(&options.datasource)),
        Form::GrafanaProvider => Ok(grafana::provider(&options.dashboards)),
        Form::Wot => thing::generate(&descriptor, options),
    }?;
    // What a model is called is all that a descriptor says in free text.
    Ok(out.write_all(json::shielded(&text).as_bytes())?)
}
