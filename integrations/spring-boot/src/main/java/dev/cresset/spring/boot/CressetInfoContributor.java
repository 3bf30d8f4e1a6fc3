package dev.cresset.spring.boot;

import dev.cresset.Predictor;
import dev.cresset.registry.ModelVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** Cresset's version, where the jars say it, and which versions of which models answer. */
final class CressetInfoContributor implements InfoContributor {

    private final ModelInventory models;

    CressetInfoContributor(ModelInventory models) {
        this.models = models;
    }

    @Override
    public void contribute(Info.Builder info) {
        Map<String, Object> cresset = new LinkedHashMap<>();
        Optional.ofNullable(Predictor.class.getPackage().getImplementationVersion())
                .ifPresent(version -> cresset.put("version", version));
        Map<String, Object> answering = new LinkedHashMap<>();
        models.models()
                .forEach((name, model) -> model.predictor()
                        .ifPresent(
                                predictor -> answering.put(name, model.version().orElse("unversioned"))));
        models.registries().values().stream()
                .flatMap(registry -> ModelInventory.versions(registry).stream())
                .filter(ModelVersion::isDefault)
                .forEach(version -> answering.put(version.model(), version.version()));
        cresset.put("models", answering);
        info.withDetail("cresset", cresset);
    }
}
