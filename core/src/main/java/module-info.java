/** Runs PyTorch models inside a JVM, over an engine that another module brings. */
module dev.cresset.core {
    requires transitive dev.cresset.mar;
    requires static transitive org.jspecify;

    exports dev.cresset;
    exports dev.cresset.engine;
    exports dev.cresset.tensor;

    uses dev.cresset.HandlerProvider;
    uses dev.cresset.engine.EngineProvider;
}
