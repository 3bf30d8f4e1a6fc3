/** The metrics of predictors as Micrometer meters. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module descriptors
module dev.cresset.micrometer {
    requires transitive dev.cresset.core;
    requires static transitive org.jspecify;
    requires transitive micrometer.core;

    exports dev.cresset.micrometer;
}
