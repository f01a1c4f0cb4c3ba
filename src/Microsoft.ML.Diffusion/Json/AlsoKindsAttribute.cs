namespace Microsoft.ML.Diffusion;

/// <summary>The kinds of another type are kinds of this one, too, as far as they are of this type.</summary>
/// <param name="other">The other type.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
internal sealed class AlsoKindsAttribute(Type other) : Attribute
{
    /// <summary>The other type.</summary>
    public Type Other { get; } = other;
}
