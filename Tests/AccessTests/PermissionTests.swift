import Access
import Store
import Testing

struct PermissionTests {
  @Test("a role may do what the one below it may, and more")
  func roles() {
    #expect(Role.viewer.permissions == [.view, .metrics])
    #expect(Role.operator.permissions == [.view, .metrics, .identify, .enroll, .correct])
    #expect(Role.admin.permissions == Set(Permission.allCases))
  }
}
