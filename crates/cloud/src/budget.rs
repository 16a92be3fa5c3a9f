//! A budget of the account's, by which AWS itself writes to somebody when money is spent.

use aws_sdk_budgets::types::{
    Budget, BudgetType, ComparisonOperator, Notification, NotificationType,
    NotificationWithSubscribers, ResourceTag, Spend, Subscriber, SubscriptionType, ThresholdType,
    TimeUnit,
};

use crate::account::Account;
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// At which percentages of the limit somebody is written to: of what was spent, and of what the
/// month is expected to come to. AWS takes five for a budget.
const SPENT: [f64; 3] = [50.0, 80.0, 100.0];
const EXPECTED: [f64; 1] = [100.0];

/// What AWS says of a name that is taken.
const TAKEN: &str = "DuplicateRecordException";

/// A budget as it is wanted: for a month of all that the account spends.
#[derive(Debug, Clone)]
pub struct BudgetSpec {
    /// Its name, unique in the account.
    pub name: String,
    /// The limit.
    pub limit_usd: f64,
    /// Who is written to; nobody, and the budget is only to be looked at.
    pub email: Option<String>,
    /// What it is marked with.
    pub tags: Tags,
}

fn at(doing: &'static str, budget: &str) -> Place {
    Place::new(doing, format!("budget `{budget}`"))
}

impl Cloud {
    fn budgets_client(&self) -> aws_sdk_budgets::Client {
        aws_sdk_budgets::Client::new(&self.config)
    }

    /// Makes the budget, or gives one of that name the limit and the reader that are wanted.
    pub async fn ensure_budget(&self, account: &Account, spec: &BudgetSpec) -> Result<(), Error> {
        let here = at("make", &spec.name);
        let (client, budget) = (self.budgets_client(), budget(&here, spec)?);
        let notifications = notifications(&here, spec)?;
        let tags = tags(&here, &spec.tags)?;
        let made = self
            .persist(here.clone(), || async {
                let sent = client
                    .create_budget()
                    .account_id(&account.id)
                    .budget(budget.clone())
                    .set_notifications_with_subscribers(
                        (!notifications.is_empty()).then(|| notifications.clone()),
                    )
                    .set_resource_tags(Some(tags.clone()))
                    .send()
                    .await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match made {
            Err(error) if error.code() == Some(TAKEN) => {}
            other => return other,
        }
        let here = at("change", &spec.name);
        self.persist(here.clone(), || async {
            let request = client.update_budget().account_id(&account.id).new_budget(budget.clone());
            let sent = request.send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        for wanted in notifications {
            self.ensure_notification(account, spec, wanted).await?;
        }
        Ok(())
    }

    async fn ensure_notification(
        &self,
        account: &Account,
        spec: &BudgetSpec,
        wanted: NotificationWithSubscribers,
    ) -> Result<(), Error> {
        let (client, here) = (self.budgets_client(), at("add a notification to", &spec.name));
        let (Some(notification), subscribers) =
            (wanted.notification().cloned(), wanted.subscribers().to_vec())
        else {
            return Ok(());
        };
        let made = self
            .persist(here.clone(), || async {
                let request = client
                    .create_notification()
                    .account_id(&account.id)
                    .budget_name(&spec.name)
                    .notification(notification.clone())
                    .set_subscribers(Some(subscribers.clone()));
                let sent = request.send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match made {
            Err(error) if error.code() == Some(TAKEN) => {}
            other => return other,
        }
        for subscriber in subscribers {
            let added = self
                .persist(here.clone(), || async {
                    let request = client
                        .create_subscriber()
                        .account_id(&account.id)
                        .budget_name(&spec.name)
                        .notification(notification.clone())
                        .subscriber(subscriber.clone());
                    let sent = request.send().await;
                    sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            match added {
                Err(error) if error.code() == Some(TAKEN) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// The names of the account's budgets that begin so.
    pub(crate) async fn budgets(
        &self,
        account: &Account,
        prefix: &str,
    ) -> Result<Vec<String>, Error> {
        let (client, here) = (self.budgets_client(), Place::new("list", "budgets"));
        let mut names = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let request = client.describe_budgets().account_id(&account.id);
                    let sent = request.set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            let page = match page {
                Err(error) if error.kind() == Kind::NotFound => return Ok(names),
                page => page?,
            };
            let all = page.budgets().iter().map(Budget::budget_name);
            names.extend(all.filter(|name| name.starts_with(prefix)).map(str::to_owned));
            from = page.next_token().map(str::to_owned);
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// What a budget is marked with.
    pub(crate) async fn budget_tags(&self, account: &Account, name: &str) -> Result<Tags, Error> {
        let (client, here) = (self.budgets_client(), at("read the tags of", name));
        let Account { id, partition, .. } = account;
        let arn = format!("arn:{partition}:budgets::{id}:budget/{name}");
        let answer = self
            .persist(here.clone(), || async {
                let sent = client.list_tags_for_resource().resource_arn(&arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let tags = answer.resource_tags().iter();
        Ok(tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect())
    }

    /// Deletes a budget with its notifications; false if there was none.
    pub(crate) async fn delete_budget(&self, account: &Account, name: &str) -> Result<bool, Error> {
        let (client, here) = (self.budgets_client(), at("delete", name));
        let gone = self
            .persist(here.clone(), || async {
                let request = client.delete_budget().account_id(&account.id).budget_name(name);
                let sent = request.send().await;
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

fn unbuilt(here: &Place) -> impl Fn(aws_sdk_budgets::error::BuildError) -> Error + '_ {
    |error| Error::new(here.clone(), Kind::Other, error.to_string())
}

fn budget(here: &Place, spec: &BudgetSpec) -> Result<Budget, Error> {
    let limit = Spend::builder().amount(format!("{:.2}", spec.limit_usd)).unit("USD");
    Budget::builder()
        .budget_name(&spec.name)
        .budget_type(BudgetType::Cost)
        .time_unit(TimeUnit::Monthly)
        .budget_limit(limit.build().map_err(unbuilt(here))?)
        .build()
        .map_err(unbuilt(here))
}

fn notifications(
    here: &Place,
    spec: &BudgetSpec,
) -> Result<Vec<NotificationWithSubscribers>, Error> {
    let Some(email) = &spec.email else { return Ok(Vec::new()) };
    let subscriber = Subscriber::builder()
        .subscription_type(SubscriptionType::Email)
        .address(email)
        .build()
        .map_err(unbuilt(here))?;
    let spent = SPENT.map(|percent| (NotificationType::Actual, percent));
    let expected = EXPECTED.map(|percent| (NotificationType::Forecasted, percent));
    spent
        .into_iter()
        .chain(expected)
        .map(|(kind, percent)| {
            let notification = Notification::builder()
                .notification_type(kind)
                .comparison_operator(ComparisonOperator::GreaterThan)
                .threshold(percent)
                .threshold_type(ThresholdType::Percentage)
                .build()
                .map_err(unbuilt(here))?;
            NotificationWithSubscribers::builder()
                .notification(notification)
                .subscribers(subscriber.clone())
                .build()
                .map_err(unbuilt(here))
        })
        .collect()
}

fn tags(here: &Place, tags: &Tags) -> Result<Vec<ResourceTag>, Error> {
    let tag = |(key, value): (&String, &String)| {
        ResourceTag::builder().key(key).value(value).build().map_err(unbuilt(here))
    };
    tags.iter().map(tag).collect()
}
