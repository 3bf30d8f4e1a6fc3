package dev.cresset.spring.boot;

import dev.cresset.Plan;
import dev.cresset.engine.Device;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import dev.cresset.spring.boot.ConfiguredModel.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Up when every model can be asked, with its version, how and where it is computed; out of service while one is opened in the background,
 * after it could not be, when a registry has no model, and once they are closed. A lazy model that nobody has asked for is in order.
 */
final class CressetHealthIndicator extends AbstractHealthIndicator {

    private final ModelInventory models;

    CressetHealthIndicator(ModelInventory models) {
        super("The models could not be looked at");
        this.models = models;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        boolean isUp = true;
        for (Map.Entry<String, ModelInventory.Item> model : models.models().entrySet()) {
            isUp &= isInOrder(model.getValue());
            health.withDetail(model.getKey(), details(model.getValue()));
        }
        for (Map.Entry<String, ModelRegistry<?, ?>> registry :
                models.registries().entrySet()) {
            Map<String, Object> versions = versions(registry.getValue());
            isUp &= !versions.isEmpty();
            health.withDetail(registry.getKey(), versions);
        }
        if (isUp) {
            health.up();
        } else {
            health.outOfService();
        }
    }

    private static boolean isInOrder(ModelInventory.Item model) {
        boolean isLeftAlone = model.state() == State.NOT_OPENED && model.mode() != BootstrapMode.DEFERRED;
        return isLeftAlone || model.state() == State.READY;
    }

    private static Map<String, Object> details(ModelInventory.Item model) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("state", model.state());
        model.version().ifPresent(version -> details.put("version", version));
        model.predictor().ifPresent(predictor -> {
            details.put("plan", plan(predictor.plan()));
            details.put("devices", names(predictor.devices()));
        });
        model.failure().ifPresent(failure -> details.put("failure", failure));
        return details;
    }

    private static Map<String, Object> versions(ModelRegistry<?, ?> registry) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (ModelVersion version : ModelInventory.versions(registry)) {
            found.put(version.model() + " " + version.version(), plan(version.plan()));
        }
        return found;
    }

    private static List<String> names(List<Device> devices) {
        return devices.stream().map(Device::toString).toList();
    }

    private static String plan(Plan plan) {
        return plan.optimization() + ", " + plan.precision();
    }
}
