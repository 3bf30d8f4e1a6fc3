/** LibTorch for Cresset: the bridge engine, and the portable one. */
module dev.cresset.natives {
    requires transitive dev.cresset.core;
    requires static transitive org.jspecify;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.openblas;
    requires org.bytedeco.pytorch;

    exports dev.cresset.torch;

    provides dev.cresset.engine.EngineProvider with
            dev.cresset.torch.BridgeProvider,
            dev.cresset.torch.PortableProvider;
}
