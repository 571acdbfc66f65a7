using System;
using System.Globalization;

namespace Parley.Servant
{
    /// <summary>Turns a captured string into a parameter's type, in the invariant culture: string, bool, every
    /// number type, char, enum (any case), Guid, and the nullable forms, for which empty means null.</summary>
    internal static class ArgumentConverter
    {
        /// <summary>Whether there are texts that a value of the type can be made of.</summary>
        internal static bool CanConvertTo(Type type)
        {
            TypeCode code = Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type);
            return code != TypeCode.Object && code != TypeCode.DBNull
                || type == typeof(object) || type == typeof(Guid) || type == typeof(Guid?);
        }

        /// <exception cref="FormatException">The text is no value of the type.</exception>
        internal static object Convert(string text, Type type)
        {
            Type underlying = Nullable.GetUnderlyingType(type);
            if (underlying != null)
            {
                return string.IsNullOrEmpty(text) ? null : Convert(text, underlying);
            }
            if (type == typeof(string) || type == typeof(object))
            {
                return text;
            }
            try
            {
                return Parse(text ?? "", type);
            }
            catch (Exception e) when (e is FormatException || e is OverflowException || e is ArgumentException || e is InvalidCastException)
            {
                throw new FormatException("'" + text + "' is not a value of type " + type.Name, e);
            }
        }

        private static object Parse(string text, Type type)
        {
            CultureInfo culture = CultureInfo.InvariantCulture;
            if (type.IsEnum)
            {
                object value = Enum.Parse(type, text, true);
                // Enum.Parse takes any number for a value.
                return Enum.IsDefined(type, value) ? value : throw new FormatException();
            }
            if (type == typeof(Guid))
            {
                return Guid.Parse(text);
            }
            switch (Type.GetTypeCode(type))
            {
                // Without thousands separators, which the general conversion lets pass.
                case TypeCode.Single:
                    return float.Parse(text, NumberStyles.Float, culture);
                case TypeCode.Double:
                    return double.Parse(text, NumberStyles.Float, culture);
                case TypeCode.Decimal:
                    return decimal.Parse(text, NumberStyles.Float, culture);
                default:
                    return System.Convert.ChangeType(text, type, culture);
            }
        }
    }
}
