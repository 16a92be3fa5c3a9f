//! An alarm on what the account is charged this month, and the topic by which it is told. Both
//! live in us-east-1, where AWS keeps its bills.

use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, Statistic};

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// Where AWS publishes its estimate of the bill.
const BILLING_REGION: &str = "us-east-1";
/// The estimate is made several times a day; AWS's own guide looks at six hours.
const PERIOD_S: i32 = 6 * 3600;

/// An alarm as it is wanted.
#[derive(Debug, Clone)]
pub struct AlarmSpec {
    /// The name of the alarm and of its topic.
    pub name: String,
    /// Above which charges of the month it goes off.
    pub limit_usd: f64,
    /// Who is written to.
    pub email: String,
    /// What both are marked with.
    pub tags: Tags,
}

/// Whether the alarm reaches anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// The address has agreed.
    Confirmed,
    /// AWS has written to the address, which has not agreed yet.
    Pending,
}

fn alarm_at(doing: &'static str, name: &str) -> Place {
    Place::new(doing, format!("billing alarm `{name}`"))
}

fn topic_at(doing: &'static str, name: &str) -> Place {
    Place::new(doing, format!("topic `{name}`"))
}

impl Cloud {
    fn alarms_client(&self) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::new(&self.config_in(BILLING_REGION))
    }

    fn topics_client(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.config_in(BILLING_REGION))
    }

    /// Makes the topic, subscribes the address to it, and sets the alarm; what is there already is
    /// made as it should be.
    pub async fn ensure_billing_alarm(&self, spec: &AlarmSpec) -> Result<Subscription, Error> {
        let topic = self.ensure_topic(spec).await?;
        let subscription = self.ensure_subscription(spec, &topic).await?;
        let (client, here) = (self.alarms_client(), alarm_at("set", &spec.name));
        let currency = Dimension::builder().name("Currency").value("USD").build();
        let tags = spec.tags.iter().map(|(key, value)| {
            aws_sdk_cloudwatch::types::Tag::builder().key(key).value(value).build()
        });
        let tags: Vec<_> = tags.collect();
        self.persist(here.clone(), || async {
            let sent = client
                .put_metric_alarm()
                .alarm_name(&spec.name)
                .alarm_description("set by photofinish for one study, which `destroy` removes")
                .namespace("AWS/Billing")
                .metric_name("EstimatedCharges")
                .dimensions(currency.clone())
                .statistic(Statistic::Maximum)
                .period(PERIOD_S)
                .evaluation_periods(1)
                .threshold(spec.limit_usd)
                .comparison_operator(ComparisonOperator::GreaterThanThreshold)
                .alarm_actions(&topic)
                .set_tags(Some(tags.clone()))
                .send()
                .await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        Ok(subscription)
    }

    /// The topic's ARN. Making one that is there with other tags is an error, so tags come after.
    async fn ensure_topic(&self, spec: &AlarmSpec) -> Result<String, Error> {
        let (client, here) = (self.topics_client(), topic_at("make", &spec.name));
        let made = self
            .persist(here.clone(), || async {
                let sent = client.create_topic().name(&spec.name).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let Some(arn) = made.topic_arn else {
            return Err(Error::new(here, Kind::Other, "the answer has no ARN"));
        };
        let tag = |(key, value): (&String, &String)| {
            let built = aws_sdk_sns::types::Tag::builder().key(key).value(value).build();
            built.map_err(|error| Error::new(here.clone(), Kind::Other, error.to_string()))
        };
        let tags = spec.tags.iter().map(tag).collect::<Result<Vec<_>, _>>()?;
        self.persist(here.clone(), || async {
            let request = client.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone()));
            let sent = request.send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        Ok(arn)
    }

    async fn ensure_subscription(
        &self,
        spec: &AlarmSpec,
        topic: &str,
    ) -> Result<Subscription, Error> {
        let (client, here) = (self.topics_client(), topic_at("subscribe to", &spec.name));
        let found = self
            .persist(here.clone(), || async {
                let sent = client.list_subscriptions_by_topic().topic_arn(topic).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let ours = found.subscriptions().iter().find(|one| one.endpoint() == Some(&spec.email));
        if let Some(ours) = ours {
            let arn = ours.subscription_arn().unwrap_or_default();
            let confirmed = arn.starts_with("arn:");
            return Ok(if confirmed { Subscription::Confirmed } else { Subscription::Pending });
        }
        self.persist(here.clone(), || async {
            let request = client.subscribe().topic_arn(topic).protocol("email");
            let sent = request.endpoint(&spec.email).send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        Ok(Subscription::Pending)
    }

    /// The account's billing alarms whose names begin so: names and ARNs.
    pub(crate) async fn alarms(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let (client, here) = (self.alarms_client(), Place::new("list", "billing alarms"));
        let mut alarms = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let request = client.describe_alarms().alarm_name_prefix(prefix);
                    let sent = request.set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            alarms.extend(page.metric_alarms().iter().filter_map(|alarm| {
                Some((alarm.alarm_name()?.to_owned(), alarm.alarm_arn()?.to_owned()))
            }));
            from = page.next_token().map(str::to_owned);
            if from.is_none() {
                return Ok(alarms);
            }
        }
    }

    /// What an alarm is marked with.
    pub(crate) async fn alarm_tags(&self, arn: &str) -> Result<Tags, Error> {
        let (client, here) = (self.alarms_client(), alarm_at("read the tags of", arn));
        let told = self
            .persist(here.clone(), || async {
                let sent = client.list_tags_for_resource().resource_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let tag = |tag: &aws_sdk_cloudwatch::types::Tag| {
            Some((tag.key()?.to_owned(), tag.value()?.to_owned()))
        };
        Ok(told.tags().iter().filter_map(tag).collect())
    }

    /// Deletes an alarm, whether it is there or not.
    pub(crate) async fn delete_alarm(&self, name: &str) -> Result<bool, Error> {
        let (client, here) = (self.alarms_client(), alarm_at("delete", name));
        let gone = self
            .persist(here.clone(), || async {
                let sent = client.delete_alarms().alarm_names(name).send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match gone {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The ARNs of the account's topics whose names begin so.
    pub(crate) async fn topics(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let (client, here) = (self.topics_client(), Place::new("list", "topics"));
        let ours = |arn: &&str| arn.rsplit(':').next().is_some_and(|name| name.starts_with(prefix));
        let mut topics = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let sent = client.list_topics().set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let all = page.topics().iter().filter_map(|topic| topic.topic_arn());
            topics.extend(all.filter(ours).map(str::to_owned));
            from = page.next_token().map(str::to_owned);
            if from.is_none() {
                return Ok(topics);
            }
        }
    }

    /// What a topic is marked with.
    pub(crate) async fn topic_tags(&self, arn: &str) -> Result<Tags, Error> {
        let (client, here) = (self.topics_client(), topic_at("read the tags of", arn));
        let told = self
            .persist(here.clone(), || async {
                let sent = client.list_tags_for_resource().resource_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        Ok(told.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
    }

    /// Deletes a topic with its subscriptions, whether it is there or not.
    pub(crate) async fn delete_topic(&self, arn: &str) -> Result<bool, Error> {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let (client, here) = (self.topics_client(), topic_at("delete", name));
        let gone = self
            .persist(here.clone(), || async {
                let sent = client.delete_topic().topic_arn(arn).send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match gone {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
