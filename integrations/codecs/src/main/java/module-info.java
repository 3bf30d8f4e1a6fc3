/** Tensors in the forms of the Open Inference Protocol. */
module dev.cresset.codecs {
    requires transitive dev.cresset.core;
    requires static transitive org.jspecify;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports dev.cresset.codecs;
}
