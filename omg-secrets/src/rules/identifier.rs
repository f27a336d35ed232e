//! Names that are no secrets, but say whose secret stands beside them.

use crate::rule::{Confidence, Group, Severity::Low, Spec, shape};

pub(crate) static RULES: &[Spec] = &[
    shape(
        "aws-resource-name",
        "AWS resource name",
        Low,
        &["arn:aws:"],
        "{e:2-20}:{w:0-20}:{w:0-12}:{v:1-120}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "aws-s3-bucket",
        "Amazon S3 bucket",
        Low,
        &[".s3"],
        "{e:1-30}amazonaws.com",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-bucket-intro.html",
    )
    .head("{e:3-63}")
    .like(&[
        "{l:12}.s3.amazonaws.com",
        "{l:12}.s3-eu-west-1.amazonaws.com",
        "{l:12}.s3.eu-west-1.amazonaws.com",
    ])
    .not(&["{l:12}.s3.example.com", "s3.amazonaws.com"])
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "aws-s3-bucket-path",
        "Amazon S3 bucket in a path",
        Low,
        &["amazonaws.com/"],
        "{e:3-63}",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-bucket-intro.html",
    )
    .head("s3{e:1-30}")
    .like(&[
        "https://s3.amazonaws.com/{l:12}",
        "https://s3-eu-west-1.amazonaws.com/{l:12}",
    ])
    .not(&[
        "https://s3.amazonaws.com/",
        "https://ec2.amazonaws.com/{l:12}",
    ])
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "aws-account-id",
        "AWS account id",
        Low,
        &[
            "aws_account_id=",
            "AWS_ACCOUNT_ID=",
            "AWSAccountId: \"",
            "aws_account_id = \"",
            "AWS_ACCOUNT_ID: \"",
        ],
        "{d:12}",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "google-oauth-client-id",
        "Google OAuth client id",
        Low,
        &[".apps.googleusercontent.com"],
        "",
        "https://developers.google.com/identity/protocols/oauth2",
    )
    .head("{d:10-14}-{l:32}")
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "google-storage-bucket",
        "Google Cloud storage bucket",
        Low,
        &[".storage.googleapis.com", "//storage.googleapis.com/"],
        "{e:0-63}",
        "https://cloud.google.com/storage/docs/buckets",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "shopify-shop",
        "Shopify shop",
        Low,
        &[".myshopify.com"],
        "",
        "https://shopify.dev/docs",
    )
    .head("{e:3-60}")
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "age-recipient",
        "age recipient",
        Low,
        &["age1"],
        "{l:58}",
        "https://github.com/C2SP/C2SP/blob/main/age.md",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "environment-user-name",
        "User's name in an environment file",
        Low,
        &["_USERNAME=", "_USER="],
        "{v:3-60}",
        "https://www.dotenv.org/docs",
    )
    .head("{k:2-40}")
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "stripe-publishable-key",
        "Stripe publishable key",
        Low,
        &["pk_live_"],
        "{a:16-128}",
        "https://docs.stripe.com/keys",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
    shape(
        "posthog-project-key",
        "PostHog project key",
        Low,
        &["phc_"],
        "{w:41-49}",
        "https://posthog.com/docs/api",
    )
    .group(Group::Identifier)
    .sure(Confidence::Low),
];
