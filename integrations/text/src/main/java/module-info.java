/** Handlers for texts. */
@SuppressWarnings("requires-automatic") // the tokenizers' jar has no descriptor
module dev.cresset.text {
    requires transitive dev.cresset.core;
    requires static transitive org.jspecify;
    requires ai.djl.tokenizers;
    requires tools.jackson.core;
    requires tools.jackson.databind;

    exports dev.cresset.text;

    provides dev.cresset.HandlerProvider with
            dev.cresset.text.TextHandlers;
}
