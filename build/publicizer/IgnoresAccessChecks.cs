// Linked into every assembly that compiles against publicized references (build/Publicizer.targets).
#pragma warning disable CS0436 // Each such assembly has its own copy of the attribute; InternalsVisibleTo makes the copies meet.

[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by name: lets this assembly use the internals of <paramref name="assemblyName"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
