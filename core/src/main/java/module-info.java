/** Runs PyTorch models inside a JVM, over an engine that another module brings. */
module dev.cresset.core {
    requires transitive dev.cresset.mar;
    requires java.desktop;
    requires transitive java.management;
    requires static jdk.jfr;
    requires static transitive org.jspecify;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports dev.cresset;
    exports dev.cresset.config;
    exports dev.cresset.engine;
    exports dev.cresset.handler;
    exports dev.cresset.probe;
    exports dev.cresset.registry;
    exports dev.cresset.tensor;

    uses dev.cresset.EnvelopeProvider;
    uses dev.cresset.HandlerProvider;
    uses dev.cresset.engine.EngineProvider;

    provides dev.cresset.EnvelopeProvider with
            dev.cresset.handler.Envelopes;
    provides dev.cresset.HandlerProvider with
            dev.cresset.handler.BuiltIns;
}
