/** Reads and writes TorchServe model archives; needs no natives and nothing else of Cresset. */
module dev.cresset.mar {
    requires static transitive org.jspecify;
    requires static info.picocli;
    requires org.apache.commons.compress;
    requires org.yaml.snakeyaml;
    requires tools.jackson.databind;

    exports dev.cresset.mar;
    exports dev.cresset.pt2;

    opens dev.cresset.mar.cli to
            info.picocli;
}
