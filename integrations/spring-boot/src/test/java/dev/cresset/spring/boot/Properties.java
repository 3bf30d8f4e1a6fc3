package dev.cresset.spring.boot;

import java.beans.PropertyDescriptor;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.ClassUtils;

/** The properties that classes have, by the names that an application gives them. */
final class Properties {

    private Properties() {}

    /** Each property below a prefix, with its type. */
    static Map<String, Class<?>> of(String prefix, Class<?> type) {
        Map<String, Class<?>> found = new TreeMap<>();
        for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
            if (property.getName().equals("class")) {
                continue;
            }
            String name = prefix + "." + kebab(property.getName());
            Class<?> propertyType = property.getPropertyType();
            if (ClassUtils.getPackageName(propertyType).equals("dev.cresset.spring.boot") && !propertyType.isEnum()) {
                found.putAll(of(name, propertyType));
            } else {
                found.put(name, propertyType);
            }
        }
        return found;
    }

    private static String kebab(String name) {
        String kebab = name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return ConfigurationPropertyName.of(kebab).toString();
    }
}
